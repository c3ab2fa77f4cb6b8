# NGINX with the module in place, configured by environment variables: docs/containers.md
ARG NODE_IMAGE=node:22-slim
ARG NGINX_IMAGE=nginx:stable

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && mkdir -p image && npx tsx scripts/images/site-template.ts image

# The demo's provider and application.
FROM build AS demo
USER 1000
ENTRYPOINT ["node", "--import", "tsx", "demo/container.ts"]

FROM ${NGINX_IMAGE}
ENV NGINX_ENVSUBST_OUTPUT_DIR=/tmp/oidc \
    NGINX_ENVSUBST_FILTER="^(OIDC_(SETTINGS|LISTEN|JS_ENGINE|SCRIPT|RESOLVER|STATE|STORE_UPSTREAM|STORE_LOCATION)|UPSTREAM)$"
RUN rm -f /etc/nginx/conf.d/*.conf && mkdir -p /etc/nginx/templates /etc/nginx/site.d /var/lib/oidc \
    && chown 101:101 /var/lib/oidc && chmod 700 /var/lib/oidc
COPY docker/nginx.conf /etc/nginx/nginx.conf
COPY docker/18-oidc-settings.envsh /docker-entrypoint.d/
COPY --from=build /app/dist/openid_connect.js /app/dist/openid_connect_njs.js /app/dist/openid_connect.server_conf \
  /app/dist/openid_connect_eddsa.js /app/dist/openid_connect_operator.js \
  /app/dist/openid_connect_store.js /app/dist/openid_connect.store_conf /app/dist/openid_connect.store_location \
  /etc/nginx/conf.d/
COPY --from=build /app/dist/openid_connect.texts /etc/nginx/conf.d/openid_connect.texts
COPY --from=build /app/image/site.conf.template /etc/nginx/templates/
COPY --from=build /app/image/openid_connect.settings /etc/nginx/
USER 101:101
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8099 && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 204 '* ]]"]
