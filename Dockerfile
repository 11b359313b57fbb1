# The bot as a container: docker build -t research-bot . && docker run --env-file .env -v research:/data research-bot
# Without DATABASE_URL the database is the SQLite file /data/research.db, so /data has to outlive the container.
FROM python:3.13-slim

# httpx2 trusts what the system trusts. Pango and the fonts (130 MB) are for reports as PDF, in every script.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home bot

WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml ./
COPY bot ./bot
RUN python -m compileall -q bot

ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=3000 LOG_FORMAT=json
USER bot
WORKDIR /data
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "bot"]
CMD ["serve"]
