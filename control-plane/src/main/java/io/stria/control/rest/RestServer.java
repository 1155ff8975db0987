package io.stria.control.rest;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The HTTP server of one node. */
public final class RestServer {
    private static final Logger LOG = Logger.getLogger(RestServer.class.getName());
    private static final String API = "/api/v1";
    private static final int IDLE_SECONDS = 90;
    private static final long HEALTHY_NS = 5_000_000_000L;
    private static final String DESCRIPTION = "openapi.yaml";

    private final Vertx vertx;
    private final ControlAccess control;
    private final PrometheusMeterRegistry registry;
    private final HttpServer server;

    /**
     * @param auth checks what comes from members
     */
    public RestServer(
            Vertx vertx,
            int self,
            ControlAccess control,
            MessageAuth auth,
            PrometheusMeterRegistry registry) {
        this.vertx = vertx;
        this.control = control;
        this.registry = registry;
        HttpServerOptions options =
                new HttpServerOptions().setIdleTimeout(IDLE_SECONDS).setTcpNoDelay(true);
        server = vertx.createHttpServer(options).requestHandler(router(self, auth));
    }

    private Router router(int self, MessageAuth auth) {
        Router router = Router.router(vertx);
        new MemberRoutes(vertx, control, auth, self).mount(router);
        Router api = Router.router(vertx);
        byte[] description = description();
        Changes changes = new Changes(vertx, control, new OpenApiCheck(description));
        Audit audit = new Audit(control::nowNs);
        // First: behind others they would turn a wrong method into a path that is not there.
        api.route().handler(audit::watch).handler(changes::admit);
        new ReadRoutes(vertx, control).mount(api);
        new ChangeRoutes(control, changes).mount(api);
        new DeviceRoutes(vertx, control, changes).mount(api);
        new NodeRoutes(control, changes).mount(api);
        new SettingsRoutes(vertx, control, changes).mount(api);
        api.get("/" + DESCRIPTION)
                .handler(context ->
                        Responses.end(
                                context, 200, "application/yaml", Buffer.buffer(description)));
        // Whoever looks for what there is gets what says it.
        router.getWithRegex(API + "/?")
                .handler(context -> context.redirect(API + "/" + DESCRIPTION));
        router.route(API + "/*").subRouter(api);
        router.get("/healthz").handler(this::alive);
        router.get("/metrics").handler(this::metrics);
        router.errorHandler(400, RestServer::malformed);
        router.errorHandler(
                404,
                context -> Responses.problem(context, Problem.notFound(context.request().path())));
        router.errorHandler(405, context -> Responses.problem(context, Problem.methodNotAllowed()));
        router.errorHandler(413, context -> Responses.problem(context, Problem.tooLarge()));
        router.errorHandler(500, RestServer::failed);
        return router;
    }

    /** A path with a bad escape comes here without a failure or a status of its own. */
    private static void malformed(RoutingContext context) {
        Responses.problem(context, Problem.badRequest("the request is malformed"));
    }

    private static void failed(RoutingContext context) {
        Throwable failure = context.failure();
        if (failure instanceof HttpException http && http.getStatusCode() < 500) {
            malformed(context);
            return;
        }
        LOG.log(Level.SEVERE, "a request failed: " + context.request().path(), failure);
        Responses.problem(context, Problem.internal());
    }

    private static byte[] description() {
        try (InputStream in = RestServer.class.getClassLoader().getResourceAsStream(DESCRIPTION)) {
            if (in == null) {
                throw new IllegalStateException(DESCRIPTION + " is not in the jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the control thread lives; says nothing of the cluster. */
    private void alive(RoutingContext context) {
        boolean alive = control.nowNs() - control.view().polledNs() < HEALTHY_NS;
        Responses.end(
                context,
                alive ? 200 : 503,
                "text/plain",
                Buffer.buffer(alive ? "ok\n" : "the control thread does not run\n"));
    }

    private void metrics(RoutingContext context) {
        Responses.end(
                context,
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                Buffer.buffer(registry.scrape()));
    }

    /**
     * @return the port it listens on
     */
    public Future<Integer> listen(String address, int port) {
        return server.listen(port, address).map(HttpServer::actualPort);
    }

    public Future<Void> close() {
        return server.close();
    }
}
