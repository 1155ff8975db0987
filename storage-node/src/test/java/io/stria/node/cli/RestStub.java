package io.stria.node.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Answers of a cluster, as they stand in the API's contract, from a real HTTP server. */
final class RestStub implements AutoCloseable {
    private record Answer(int status, String body) {}

    private final HttpServer server;
    private final Map<String, Deque<Answer>> answers = new TreeMap<>();
    private final List<String> asked = new ArrayList<>();

    RestStub() throws IOException {
        this(0);
    }

    /**
     * @param port 0 for any
     */
    RestStub(int port) throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        server = HttpServer.create(new InetSocketAddress(here, port), 0);
        server.createContext(
                "/",
                exchange -> {
                    String request =
                            exchange.getRequestMethod()
                                    + " "
                                    + exchange.getRequestURI().getRawPath();
                    String body =
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8);
                    asked.add(body.isEmpty() ? request : request + " " + body);
                    Answer answer = next(request);
                    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(
                            answer.status(), bytes.length == 0 ? -1 : bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
        server.start();
    }

    RestStub answers(String request, int status, String body) {
        answers.put(request, new ArrayDeque<>(List.of(new Answer(status, body))));
        return this;
    }

    /** The next time it is asked, and from then on. */
    RestStub then(String request, String body) {
        answers.computeIfAbsent(request, none -> new ArrayDeque<>()).add(new Answer(200, body));
        return this;
    }

    private synchronized Answer next(String request) {
        Deque<Answer> left = answers.getOrDefault(request, new ArrayDeque<>());
        Answer answer = left.size() > 1 ? left.removeFirst() : left.peekFirst();
        return answer == null ? new Answer(404, "{\"detail\":\"no " + request + "\"}") : answer;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<String> asked() {
        return List.copyOf(asked);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
