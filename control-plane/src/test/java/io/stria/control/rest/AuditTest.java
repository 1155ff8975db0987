package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.stria.control.decisions.Result;
import io.stria.control.security.ClusterSecret;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the log says of changes that are asked for over REST. */
@Timeout(300)
class AuditTest {
    private static final Logger LOG = Logger.getLogger(Audit.LOGGER);

    private final Vertx vertx = Vertx.vertx();
    private final StubControl control = new StubControl();
    private final HttpClient http = HttpClient.newHttpClient();
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord line) {
                    lines.add(line.getMessage());
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };
    private int port;

    @BeforeEach
    void listen() {
        LOG.addHandler(handler);
        RestServer server =
                new RestServer(
                        vertx,
                        1,
                        control,
                        new MessageAuth(ClusterSecret.random(), System::currentTimeMillis),
                        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        port = server.listen("127.0.0.1", 0).await();
    }

    @AfterEach
    void close() {
        LOG.removeHandler(handler);
        http.close();
        vertx.close().await();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1" + path))
                .header("Content-Type", "application/json");
    }

    private String lineOf(int status, HttpRequest request) throws Exception {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertEquals(status, response.statusCode(), response.body());
        String line = lines.poll(60, TimeUnit.SECONDS);
        assertNotNull(line);
        assertNull(lines.poll(50, TimeUnit.MILLISECONDS), "one line each");
        assertTrue(line.startsWith(request.method() + " " + request.uri().getRawPath()), line);
        return line;
    }

    private String post(int status, String path, String body) throws Exception {
        HttpRequest.BodyPublisher bytes = HttpRequest.BodyPublishers.ofString(body);
        return lineOf(status, request(path).POST(bytes).build());
    }

    private static void assertHas(String line, String... parts) {
        for (String part : parts) {
            assertTrue(line.contains(part), line);
        }
    }

    @Test
    void aChangeIsLoggedWithItsContentAndItsResult() throws Exception {
        String volume = "{\"name\":\"db\",\"sizeBytes\":8192,\"scheme\":\"2+2\"}";
        String made = post(201, "/volumes", volume);
        assertHas(made, "CreateVolume[", "name=db", "sizeBytes=8192", "scheme=2+2", "DONE");
        control.answer = new Result(Result.Outcome.INFEASIBLE, 7, "needs 4 nodes");
        assertHas(post(422, "/volumes", volume), "name=db", "INFEASIBLE", "needs 4 nodes");
    }

    @Test
    void aFailureOfADeviceKeepsItsReasonInOneLine() throws Exception {
        String line =
                post(
                        200,
                        "/devices/5e1f0c8a-3b7d-4c21-9f60-0a1b2c3d4e5f/fail",
                        "{\"reason\":\"fell off\\nPOST the rack\",\"dataIsLost\":true}");
        assertHas(line, "FailDevices[", "5e1f0c8a-3b7d", "fell off?POST the rack", "DONE");
    }

    @Test
    void whatIsRefusedBeforeItIsDecidedIsLoggedWithTheProblem() throws Exception {
        assertHas(post(400, "/volumes", "{"), "refused, 400");
        assertHas(
                post(400, "/volumes", "{\"name\":\"A\",\"sizeBytes\":8192,\"scheme\":\"2+2\"}"),
                "refused, 400",
                "a volume's name has 1 to 63");
        assertHas(post(404, "/volumes/gone/scrub", "{}"), "refused, 404", "no volume gone");
        assertHas(post(404, "/nodes/9/drain", "{}"), "refused, 404", "there is no node 9");
        assertHas(post(400, "/devices/x/drain", "{}"), "refused, 400");
        assertHas(post(413, "/volumes", " ".repeat(70_000)), "refused, 413");
        assertHas(post(404, "/nonsense", "{}"), "refused, 404");
        assertHas(lineOf(404, request("/volumes/gone").DELETE().build()), "no volume gone");
        String forged =
                lineOf(404, request("/volumes/x%0AINFO%20all%20is%20well").DELETE().build());
        assertFalse(forged.contains("\n"), forged);
        HttpRequest text =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/volumes"))
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build();
        assertHas(lineOf(415, text), "refused, 415", "Content-Type: application/json");
    }

    @Test
    void ofWhatIsRefusedSoManyShortLinesAMinuteAreLoggedAndOfWhatIsDecidedAll() throws Exception {
        HttpRequest refused = request("/" + "x".repeat(2000)).DELETE().build();
        for (int i = 0; i < Audit.UNDECIDED_PER_MINUTE + 5; i++) {
            assertEquals(404, status(refused));
        }
        for (int i = 0; i < Audit.UNDECIDED_PER_MINUTE; i++) {
            String line = lines.poll(60, TimeUnit.SECONDS);
            assertNotNull(line);
            assertHas(line, "refused, 404");
            assertTrue(line.length() < 600, line);
        }
        String volume = "{\"name\":\"db\",\"sizeBytes\":8192,\"scheme\":\"2+2\"}";
        for (int i = 0; i < Audit.UNDECIDED_PER_MINUTE + 5; i++) {
            assertHas(post(201, "/volumes", volume), "DONE");
        }
        control.nowNs = TimeUnit.MINUTES.toNanos(1);
        assertEquals(404, status(request("/nonsense").GET().build()));
        String leftOut = lines.poll(60, TimeUnit.SECONDS);
        assertNotNull(leftOut);
        assertHas(leftOut, "not decided: and 5 more in the last minute");
        assertHas(post(404, "/nonsense", "{}"), "refused, 404");
    }

    private int status(HttpRequest request) throws Exception {
        return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    @Test
    void whatIsOnlyReadIsNotLogged() throws Exception {
        HttpRequest unknown = request("/nonsense").GET().build();
        assertEquals(404, status(unknown));
        assertNull(lines.poll(200, TimeUnit.MILLISECONDS));
    }
}
