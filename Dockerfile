# syntax=docker/dockerfile:1
# Wiretrace with its model inside: nothing is downloaded while serving.
#
#   docker build -t wiretrace .
#   docker run -p 8000:8000 -v wiretrace:/data -e WIRETRACE_API_KEYS=write:YOUR-OWN-KEY-OF-16-OR-MORE wiretrace
#
# There is no default key: listening beyond loopback without WIRETRACE_API_KEYS ends the start with a message.

FROM python:3.11-slim AS build
# Where the CPU build of torch comes from: an address that pip takes as an extra index, given at build time.
ARG PIP_EXTRA_INDEX_URL
# A local version of torch to insist on, such as +cpu with an index that has it; empty takes the pin of constraints.txt as it is.
ARG TORCH_BUILD=
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/wiretrace
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY migrations migrations
COPY service service
RUN sed "s/^torch==[^+]*$/&${TORCH_BUILD}/" constraints.txt > /tmp/constraints.txt \
 && /opt/wiretrace/bin/pip install --constraint /tmp/constraints.txt .

FROM python:3.11-slim
RUN groupadd --system --gid 10001 wiretrace \
 && useradd --system --uid 10001 --gid wiretrace --no-create-home --home-dir /data wiretrace \
 && install --directory --owner wiretrace --group wiretrace /data
COPY --from=build /opt/wiretrace /opt/wiretrace
ENV PATH=/opt/wiretrace/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HF_HUB_OFFLINE=1 \
    WIRETRACE_DATA=/data \
    WIRETRACE_HOST=0.0.0.0 \
    WIRETRACE_PORT=8000 \
    WIRETRACE_LOG_FORMAT=json
USER wiretrace
VOLUME /data
EXPOSE 8000
# The model loads in some seconds; the slim image has no curl.
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"WIRETRACE_PORT\"]}/health/ready', timeout=8)"]
CMD ["wiretrace", "serve"]
