package io.stria.node.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What a device of a node is made of. */
public enum DeviceKind {
    /** A sparse file. */
    @JsonProperty("file")
    FILE("file"),

    /** Memory of the node's process, gone with it. */
    @JsonProperty("ram")
    RAM("ram"),

    /** A block device of the kernel. */
    @JsonProperty("block")
    BLOCK("block"),

    /** An NVMe namespace that the node's process drives itself, through SPDK. */
    @JsonProperty("spdk")
    SPDK("spdk");

    private static final long FILE_BYTES_USED = 96L << 20;

    private final String word;

    DeviceKind(String word) {
        this.word = word;
    }

    /** As options and files spell it. */
    public String word() {
        return word;
    }

    /** Whether what is written outlives the process. */
    public boolean isKept() {
        return this != RAM;
    }

    /** Whether whoever makes a cluster says which devices are meant. */
    public boolean isNamed() {
        return this == BLOCK || this == SPDK;
    }

    /**
     * What a device takes of the cluster's file system at once: superblocks, journal, first pages.
     */
    long neededBytes() {
        return this == FILE ? FILE_BYTES_USED : 0;
    }

    /**
     * @throws IllegalArgumentException with a sentence
     */
    public static DeviceKind parse(String word) {
        return Arrays.stream(values())
                .filter(kind -> kind.word.equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "no device kind is called '%s'; there are %s"
                                        .formatted(
                                                word,
                                                Arrays.stream(values())
                                                        .map(DeviceKind::word)
                                                        .collect(Collectors.joining(", ")))));
    }

    @Override
    public String toString() {
        return word;
    }
}
