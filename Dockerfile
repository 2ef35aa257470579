# The service and the tool that adds its callers, non-root, for a read-only root file system. State lives in /data
# (SQLite) or in Redis.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY proto/ proto/
COPY src/ src/
COPY hashsets/ hashsets/
# The tool carries the server beside it.
RUN dotnet restore src/HashMatch.Cli/HashMatch.Cli.csproj --locked-mode \
 && dotnet publish src/HashMatch.Cli/HashMatch.Cli.csproj -c Release --no-restore -o /app \
 && mkdir /data

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app ./
COPY --from=build --chown=1654:1654 /data /data
USER 1654
VOLUME /data
# No diagnostics port: it writes to /tmp, and a dump would hold media. 0.0.0.0 is this container; see README for TLS.
ENV DOTNET_EnableDiagnostics=0 \
    HASHMATCH__STORE=sqlite:/data \
    HASHMATCH__LISTEN=http://0.0.0.0:50051 \
    HASHMATCH__LISTENJSON=http://0.0.0.0:50080 \
    HASHMATCH__EVENTS__WALFOLDER=/data/event-log \
    HASHMATCH__ALLOWPLAINTEXT=true
EXPOSE 50051 50080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["dotnet", "HashMatch.Server.dll", "--health-check", "http://127.0.0.1:50080"]
ENTRYPOINT ["dotnet", "HashMatch.Server.dll"]
