"""Mocking libraries in the user's own test, which must not reach our lanes."""

import httpx
import respx


def test_respx_does_not_reach_our_lanes(run, serve, sending, exchange, always):
    for using in ("httpcore", "httpx"):
        with respx.mock(using=using, assert_all_called=False) as router:
            route = router.route().respond(418)

            async def main(route=route):
                async with serve(always()) as server, sending(server.url) as sender:
                    assert (await sender.send(exchange())).status_code == 200
                    async with httpx.AsyncClient() as client:
                        assert (await client.get(server.url)).status_code == 418
                    assert route.call_count == 1

            run(main())


def test_pytest_httpx_does_not_reach_our_lanes(run, serve, sending, exchange, always, httpx_mock):
    httpx_mock.add_response(status_code=418)

    async def main():
        async with serve(always()) as server, sending(server.url) as sender:
            assert (await sender.send(exchange())).status_code == 200
            async with httpx.AsyncClient() as client:
                assert (await client.get(server.url)).status_code == 418

    run(main())
