package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.stria.control.json.Json;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * REST of a cluster, through whichever of its nodes answers. {@link HttpURLConnection}, since a
 * command is over before a richer client has started.
 */
final class Api {
    private static final int CONNECT_MS = 2000;
    private static final int READ_MS = 30_000;
    private static final long INSIST_NS = 15_000_000_000L;
    private static final long PAUSE_MS = 500;
    private static final int UNAVAILABLE = 503;

    /**
     * What a cluster says to a request that it has taken.
     *
     * @param status of HTTP, 200 to 299
     */
    record Answer(int status, JsonNode body) {
        /** Whether what was asked for was not there before. */
        boolean isNew() {
            return status == 201;
        }
    }

    private final List<String> nodes;
    private final String what;
    private final Supplier<String> whySilent;
    private final int readMs;
    private final boolean readsOnly;

    /**
     * @param nodes URLs without a path
     * @param what who is asked, for the sentence that says nobody answers
     */
    Api(List<String> nodes, String what) {
        this(nodes, what, () -> "");
    }

    /**
     * @param whySilent says better why nobody answers, or nothing
     */
    Api(List<String> nodes, String what, Supplier<String> whySilent) {
        this(nodes, what, whySilent, READ_MS, false);
    }

    private Api(
            List<String> nodes,
            String what,
            Supplier<String> whySilent,
            int readMs,
            boolean readsOnly) {
        this.nodes = nodes.stream().map(Api::root).toList();
        this.what = what;
        this.whySilent = whySilent;
        this.readMs = readMs;
        this.readsOnly = readsOnly;
    }

    /** What `up` prints names the version of the API as well. */
    private static String root(String url) {
        return url.replaceAll("/+$", "").replaceAll("/api/v1$", "");
    }

    Api withTimeout(int newReadMs) {
        return new Api(nodes, what, whySilent, newReadMs, readsOnly);
    }

    /** For a cluster that nobody has named: it is looked at, and not changed. */
    Api readingOnly() {
        return new Api(nodes, what, whySilent, readMs, true);
    }

    JsonNode get(String path) {
        return call("GET", path, null).body();
    }

    /**
     * What the first node says whose answer is wanted; if none says that, what the first one said.
     */
    JsonNode getFirst(String path, Predicate<JsonNode> wanted) {
        JsonNode fallback = null;
        ApiException failure = null;
        for (String node : nodes) {
            try {
                JsonNode answer =
                        new Api(List.of(node), what, whySilent, readMs, readsOnly).get(path);
                if (wanted.test(answer)) {
                    return answer;
                }
                fallback = fallback == null ? answer : fallback;
            } catch (ApiException e) {
                failure = e;
            }
        }
        if (fallback == null && failure != null) {
            throw failure;
        }
        return fallback == null ? get(path) : fallback;
    }

    JsonNode post(String path, Object body) {
        return create(path, body).body();
    }

    /** As {@link #post}, for what may be there already. */
    Answer create(String path, Object body) {
        return call("POST", path, Json.write(body));
    }

    /** For changes that may be asked for twice: not given up while nobody leads for a moment. */
    JsonNode insist(String path, Object body) throws InterruptedException {
        long startNs = System.nanoTime();
        while (true) {
            try {
                return post(path, body);
            } catch (ApiException e) {
                if (e.status() != UNAVAILABLE || System.nanoTime() - startNs > INSIST_NS) {
                    throw e;
                }
            }
            Thread.sleep(PAUSE_MS);
        }
    }

    JsonNode delete(String path) {
        return call("DELETE", path, null).body();
    }

    /** One segment of a path. */
    static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private Answer call(String method, String path, byte @Nullable [] body) {
        if (readsOnly && !method.equals("GET")) {
            throw new ClusterException(
                    "%s was started last, but there is no cluster in ./%s: what changes one names it,"
                                    .formatted(what, UpOptions.HERE)
                            + " with --dir or --api");
        }
        String reason = "";
        for (String node : nodes) {
            try {
                return call(node, method, path, body);
            } catch (ConnectException e) {
                // Nothing was sent, so the next node may be asked the same.
                reason = reason(node, e);
            } catch (IOException e) {
                reason = reason(node, e);
                if (!method.equals("GET")) {
                    break;
                }
            } catch (IllegalArgumentException e) {
                throw new ApiException(0, "'" + node + "' is no URL: " + e.getMessage());
            }
        }
        String why = whySilent.get();
        throw new ApiException(
                0, why.isEmpty() ? "%s does not answer (%s)".formatted(what, reason) : why);
    }

    private static String reason(String node, IOException e) {
        URI uri = http(node);
        String defaultPort = String.valueOf(uri.getScheme()).equals("https") ? "443" : "80";
        String port = uri.getPort() < 0 ? ", port " + defaultPort : "";
        return node + port + ": " + IoReason.of(e);
    }

    private Answer call(String node, String method, String path, byte @Nullable [] body)
            throws IOException {
        String url = node + "/api/v1" + path;
        HttpURLConnection connection = (HttpURLConnection) http(url).toURL().openConnection();
        try {
            connection.setRequestMethod(method);
            connection.setConnectTimeout(CONNECT_MS);
            connection.setReadTimeout(readMs);
            connection.setRequestProperty("Accept", "application/json");
            if (body != null) {
                connection.setDoOutput(true);
                connection.setRequestProperty("Content-Type", "application/json");
                try (OutputStream out = connection.getOutputStream()) {
                    out.write(body);
                }
            }
            int status = connection.getResponseCode();
            byte[] answer = read(connection, status);
            if (status / 100 != 2) {
                throw new ApiException(status, problem(url, status, answer));
            }
            return new Answer(
                    status,
                    answer.length == 0
                            ? JsonNodeFactory.instance.missingNode()
                            : Json.strict().readTree(answer));
        } finally {
            connection.disconnect();
        }
    }

    /**
     * @throws IllegalArgumentException if it is no URL of REST
     */
    static void check(String url) {
        http(root(url));
    }

    private static URI http(String url) {
        URI uri = URI.create(url);
        if (!List.of("http", "https").contains(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("http://ADDRESS:PORT is expected");
        }
        return uri;
    }

    private static byte[] read(HttpURLConnection connection, int status) throws IOException {
        try (InputStream in =
                status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
            return in == null ? new byte[0] : in.readAllBytes();
        }
    }

    /** The sentence of a problem document. */
    private static String problem(String url, int status, byte[] answer) {
        try {
            JsonNode tree = Json.strict().readTree(answer);
            String detail = tree.path("detail").asText();
            String title = tree.path("title").asText();
            if (!detail.isEmpty() || !title.isEmpty()) {
                return detail.isEmpty() ? title : detail;
            }
        } catch (IOException e) {
            // No problem document; the status has to do.
        }
        return "%s answered with HTTP status %d".formatted(url, status);
    }
}
