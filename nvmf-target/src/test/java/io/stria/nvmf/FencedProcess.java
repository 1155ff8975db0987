package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.runtime.ffm.spdk.SpdkFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A {@link FencedHost} in a process of its own, which can be killed. */
final class FencedProcess implements AutoCloseable {
    private static final long ANSWER_S = 60;

    private final Process process;
    private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final StringBuffer said = new StringBuffer();

    private FencedProcess(Process process) {
        this.process = process;
        Thread.ofPlatform().daemon().start(this::listen);
    }

    static FencedProcess start(String address, UUID node) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-ea",
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                FencedHost.class.getName(),
                                address,
                                node.toString()));
        builder.environment().put("LD_PRELOAD", SpdkFiles.find(System.getenv()).preload());
        return new FencedProcess(builder.redirectErrorStream(true).start());
    }

    private void listen() {
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            while (line != null) {
                said.append(line).append('\n');
                if (line.startsWith(FencedHost.MARK)) {
                    answers.add(line.substring(FencedHost.MARK.length()));
                }
                line = lines.readLine();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void order(String words) throws IOException {
        var orders = process.outputWriter(StandardCharsets.US_ASCII);
        orders.write(words + "\n");
        orders.flush();
    }

    /** What it says next; null if that takes longer. */
    @Nullable String answerWithin(long ms) throws InterruptedException {
        return answers.poll(ms, TimeUnit.MILLISECONDS);
    }

    void expect(String beginning) throws InterruptedException {
        String answer = answerWithin(TimeUnit.SECONDS.toMillis(ANSWER_S));
        assertTrue(answer != null && answer.startsWith(beginning), () -> answer + "\n" + said);
    }

    void expectRefusal(String words) throws InterruptedException {
        String answer = answerWithin(TimeUnit.SECONDS.toMillis(ANSWER_S));
        assertTrue(
                answer != null && answer.startsWith("refused") && answer.contains(words),
                () -> answer + "\n" + said);
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
