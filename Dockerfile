# syntax=docker/dockerfile:1
# The product as an image: what runs, and nothing that builds. Who runs it is nobody in particular, and writes nothing but /tmp and
# the folder of the embedded log.
#   docker build -t smartspeed .        docker run --rm smartspeed --help
# deploy/image/image.test.ts does these steps without Docker, and runs what comes out.

FROM rust:1.91.1-slim-trixie AS native
WORKDIR /build/native
COPY native/ ./
RUN cargo build --release --locked && cp target/release/libsmartspeed_native.so /build/smartspeed.node

FROM node:24.11.1-trixie-slim AS packages
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# The package `node` and all that tests need is left out; no package needs its install script.
RUN npm ci --omit=dev --ignore-scripts

FROM node:24.11.1-trixie-slim
WORKDIR /app
COPY package.json package-lock.json ./
COPY --from=packages /build/node_modules/ node_modules/
COPY bin/ bin/
COPY connectors/ connectors/
COPY console/ console/
COPY deploy/ deploy/
COPY native/ native/
COPY --from=native /build/smartspeed.node native/smartspeed.node
COPY operators/ operators/
COPY pipelines/ pipelines/
COPY schemas/ schemas/
COPY topics/ topics/
RUN mkdir -p /var/lib/smartspeed && chown 10001:10001 /var/lib/smartspeed
ENV NODE_ENV=production SMARTSPEED_DIR=/var/lib/smartspeed
USER 10001:10001
VOLUME /var/lib/smartspeed
# /metrics, /health/live and /health/ready of `run … --http 0.0.0.0:9464`.
EXPOSE 9464
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/bin/main.ts"]
CMD ["--help"]
