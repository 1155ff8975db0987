package io.stria.perf.flame;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * Samples of one thread by its processor time, from the JVM's own recorder. Time in the kernel and
 * in native code counts for the Java method that called it; a sample whose stack the JVM could not
 * walk is counted, and has no method.
 */
public final class Recording {
    /** For {@code jcmd PID JFR.start}: a sample for each 2 ms of a thread's processor time. */
    public static final List<String> SETTINGS =
            List.of(
                    "settings=none",
                    "+jdk.CPUTimeSample#enabled=true",
                    "+jdk.CPUTimeSample#throttle=2ms",
                    "+jdk.CPUTimeSamplesLost#enabled=true");

    private static final String SAMPLE = "jdk.CPUTimeSample";
    private static final String LOST = "jdk.CPUTimeSamplesLost";

    private final String thread;
    private final Flame root;
    private long failed;
    private long lost;

    private Recording(String thread) {
        this.thread = thread;
        this.root = new Flame(thread);
    }

    public static Recording read(Path file, String thread) throws IOException {
        Recording recording = new Recording(thread);
        try (RecordingFile events = new RecordingFile(file)) {
            while (events.hasMoreEvents()) {
                recording.add(events.readEvent());
            }
        }
        return recording;
    }

    private void add(RecordedEvent event) {
        RecordedThread sampled = event.getThread();
        if (sampled == null || !thread.equals(sampled.getJavaName())) {
            return;
        }
        switch (event.getEventType().getName()) {
            case SAMPLE -> addSample(event.getStackTrace());
            case LOST -> lost += event.getInt("lostSamples");
            default -> {}
        }
    }

    private void addSample(RecordedStackTrace stack) {
        if (stack == null || stack.getFrames().isEmpty()) {
            failed++;
            return;
        }
        Flame at = root.hit();
        for (RecordedFrame frame : stack.getFrames().reversed()) {
            at = at.callee(name(frame)).hit();
        }
    }

    private static String name(RecordedFrame frame) {
        String type = frame.getMethod().getType().getName();
        return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethod().getName();
    }

    Flame root() {
        return root;
    }

    /** What the picture shows, and what it cannot. */
    String legend() {
        return "%,d samples of %s by processor time; %,d more had no stack, %,d were lost. Kernel and native code count for the method that called them."
                .formatted(root.samples(), thread, failed, lost);
    }
}
