# `make image-proof` carries out these very steps without a container engine.
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
# For `--store`: a volume that is mounted here is as writable as the folder that it covers.
RUN install --directory --owner=10001 --group=10001 /data
# Your own scenarios; the shipped ones are found by their names.
VOLUME /scenarios
WORKDIR /scenarios
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
# Whoever starts a container wants the sidecar, which the rest here is about; any other command can be
# given instead. It is to be reached from outside, and says what that needs: a token, or
# MOCKATELL_INSECURE_OPEN.
ENV PATH=/opt/mockatell/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MOCKATELL_HOST=0.0.0.0 \
    MOCKATELL_SCENARIOS=/scenarios
EXPOSE 8080
# Whoever depends on it waits for an interval at least; asking takes 0.1 s.
HEALTHCHECK --interval=2s --timeout=5s --start-period=20s CMD ["mockatell", "healthcheck"]
ENTRYPOINT ["mockatell"]
CMD ["serve"]
