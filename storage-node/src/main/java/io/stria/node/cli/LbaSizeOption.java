package io.stria.node.cli;

import io.stria.clustermap.VolumeEntry;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The size of logical blocks on the command line. */
final class LbaSizeOption implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
        for (int size : new int[] {VolumeEntry.LBA_BYTES_DEFAULT, VolumeEntry.LBA_BYTES_SMALL}) {
            if (text.equals(Integer.toString(size))) {
                return size;
            }
        }
        throw new TypeConversionException("logical blocks have 4096 or 512 bytes, not " + text);
    }
}
