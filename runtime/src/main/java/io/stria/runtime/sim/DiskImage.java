package io.stria.runtime.sim;

/**
 * What a {@link SimulatedDisk} held at one moment; shares its memory with the disk until either
 * changes.
 */
public final class DiskImage {
    private final SparseImage image;

    DiskImage(SparseImage image) {
        this.image = image.copy();
    }

    SparseImage copy() {
        return image.copy();
    }
}
