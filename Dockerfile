# Every step is plain shell, so it can be proven without a Docker engine.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY mockatell mockatell
COPY scenarios scenarios
RUN python -m venv /opt/mockatell \
 && /opt/mockatell/bin/pip install --no-cache-dir ".[all]"

FROM python:3.13-slim
LABEL org.opencontainers.image.title="mockatell" \
      org.opencontainers.image.description="A test double for Clickatell" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/mockatell /opt/mockatell
# Your own scenarios; the shipped ones are found by their names.
VOLUME /scenarios
WORKDIR /scenarios
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
# `serve` is to be reached from outside the container, and says what that needs: a token, or
# MOCKATELL_INSECURE_OPEN.
ENV PATH=/opt/mockatell/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MOCKATELL_HOST=0.0.0.0 \
    MOCKATELL_SCENARIOS=/scenarios
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s CMD ["mockatell", "healthcheck"]
ENTRYPOINT ["mockatell"]
CMD ["--help"]
