package io.stria.node.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.stream.Collectors;

/** How a node reaches sockets and devices. */
public enum EngineKind {
    /** io_uring where it is permitted, otherwise NIO. */
    @JsonProperty("auto")
    AUTO("auto"),

    /** One ring for sockets and devices. */
    @JsonProperty("io_uring")
    IO_URING("io_uring"),

    /** A selector, and threads for devices. */
    @JsonProperty("nio")
    NIO("nio");

    private final String word;

    EngineKind(String word) {
        this.word = word;
    }

    /** As options and files spell it. */
    public String word() {
        return word;
    }

    /**
     * @throws IllegalArgumentException with a sentence
     */
    public static EngineKind parse(String word) {
        return Arrays.stream(values())
                .filter(kind -> kind.word.equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "no engine is called '%s'; there are %s"
                                        .formatted(
                                                word,
                                                Arrays.stream(values())
                                                        .map(EngineKind::word)
                                                        .collect(Collectors.joining(", ")))));
    }

    @Override
    public String toString() {
        return word;
    }
}
