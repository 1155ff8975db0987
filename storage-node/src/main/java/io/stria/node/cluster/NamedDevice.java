package io.stria.node.cluster;

import java.io.IOException;
import java.nio.file.Path;

/** A device that is there already, and that a new cluster may take. */
public sealed interface NamedDevice permits BlockDevicePath, SpdkDevice {
    long sizeBytes();

    /** Makes what stands for it among a node's files, so that its mark stands beside the others. */
    void link(Path link) throws IOException;
}
