package io.stria.systemtests;

import io.stria.rdp.ErasurePattern;
import io.stria.rdp.RdpCode;
import io.stria.runtime.ffm.BlockingIo;
import io.stria.runtime.ffm.Linux;
import io.stria.runtime.ffm.LinuxFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;

/**
 * What a disk and cores can rebuild where nobody else wants anything of them: for each chunk of a
 * file that is lost, n others are read around the page cache and checked, it is rebuilt and summed,
 * and written durably to a new, sparse file, with the calls that stores use; several chunks at a
 * time. No network, no other process, no journal, no lock: what a rebuild takes longer, or hosts
 * notice more of it, is its own cost.
 */
final class PlainRebuild implements AutoCloseable {
    private static final int BLOCK_BYTES = 4096;

    private final Path directory;
    private final RdpCode code;
    private final int chunkBytes;
    private final int atATime;
    private final double bytesPerSecond;
    private final List<LinuxFile> sources = new ArrayList<>();
    private final List<Path> paths = new ArrayList<>();
    private final LinuxFile target;
    private final int chunks;
    private final MemorySegment piece;

    /** Of the fragments of that piece, which all chunks are. */
    private final int[] sums;

    /** So that nobody can leave them out. */
    private final LongAdder rebuiltSums = new LongAdder();

    /** As fast as it can, as a rebuild without hosts does. */
    PlainRebuild(Path directory, int dataFragments, long bytes) throws IOException {
        this(directory, dataFragments, bytes, 128 * 1024, 32, Double.POSITIVE_INFINITY);
    }

    /**
     * Makes the files to read.
     *
     * @param bytesPerSecond of rebuilt data, at most
     */
    PlainRebuild(
            Path directory,
            int dataFragments,
            long bytes,
            int chunkBytes,
            int atATime,
            double bytesPerSecond)
            throws IOException {
        this.directory = directory;
        this.code = RdpCode.of(dataFragments);
        this.chunkBytes = chunkBytes;
        this.atATime = atATime;
        this.bytesPerSecond = bytesPerSecond;
        this.chunks = Math.toIntExact(bytes / chunkBytes);
        this.piece = Arena.ofAuto().allocate(chunkBytes, BLOCK_BYTES);
        byte[] random = new byte[chunkBytes];
        new Random(1).nextBytes(random);
        piece.copyFrom(MemorySegment.ofArray(random));
        sums = new int[chunkBytes / code.fragmentBytes()];
        CRC32C crc = new CRC32C();
        for (int i = 0; i < sums.length; i++) {
            sums[i] = sum(crc, piece.asByteBuffer(), i * code.fragmentBytes());
        }
        for (int i = 0; i < code.dataFragments(); i++) {
            sources.add(create("chunks-" + i));
            fill(sources.get(i));
        }
        target = create("rebuilt");
    }

    /** MB/s of rebuilt data. */
    double run() throws IOException {
        long fromNs = System.nanoTime();
        rebuild(fromNs);
        double seconds = (System.nanoTime() - fromNs) / 1e9;
        return (double) chunks * chunkBytes / seconds / 1e6;
    }

    @Override
    public void close() throws IOException {
        Linux.close(target.fd());
        sources.forEach(file -> Linux.close(file.fd()));
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }

    /** As devices are made: the size is there, the room is not. */
    private LinuxFile create(String name) throws IOException {
        Path path = directory.resolve(name);
        paths.add(path);
        return LinuxFile.open(path, (long) chunks * chunkBytes, BLOCK_BYTES, false);
    }

    private void fill(LinuxFile file) throws IOException {
        BlockingIo io = new BlockingIo();
        for (int i = 0; i < chunks; i++) {
            check(io.write(file.fd(), (long) i * chunkBytes, piece.address(), chunkBytes));
        }
        io.syncData(file.fd());
    }

    private void check(int result) throws IOException {
        if (result != chunkBytes) {
            throw new IOException("a chunk was not read or written whole: " + result);
        }
    }

    private void rebuild(long fromNs) throws IOException {
        AtomicLong next = new AtomicLong();
        try (ExecutorService threads = Executors.newFixedThreadPool(atATime)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < atATime; i++) {
                all.add(
                        threads.submit(() -> {
                            rebuildSome(fromNs, next);
                            return null;
                        }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } catch (ExecutionException | InterruptedException e) {
            throw new IOException(e);
        }
    }

    private void rebuildSome(long fromNs, AtomicLong next) throws IOException {
        BlockingIo io = new BlockingIo();
        CRC32C crc = new CRC32C();
        try (Arena arena = Arena.ofConfined()) {
            List<MemorySegment> read = new ArrayList<>();
            for (int j = 0; j < sources.size(); j++) {
                read.add(arena.allocate(chunkBytes, BLOCK_BYTES));
            }
            MemorySegment rebuilt = arena.allocate(chunkBytes, BLOCK_BYTES);
            MemorySegment stripe =
                    arena.allocate((long) code.fragments() * code.fragmentBytes(), 64);
            for (long i = next.getAndIncrement(); i < chunks; i = next.getAndIncrement()) {
                double dueNs = fromNs + i * chunkBytes / bytesPerSecond * 1e9;
                LockSupport.parkNanos((long) dueNs - System.nanoTime());
                for (int j = 0; j < sources.size(); j++) {
                    long address = read.get(j).address();
                    check(io.read(sources.get(j).fd(), i * chunkBytes, address, chunkBytes));
                }
                for (int at = 0; at < chunkBytes; at += code.fragmentBytes()) {
                    rebuildOne(read, rebuilt, at, stripe, crc);
                }
                long address = rebuilt.address();
                check(io.writeDurably(target.fd(), i * chunkBytes, address, chunkBytes));
            }
        }
    }

    /** Fragment 0 is lost, and so is the last: the rest are the n that were read. */
    private void rebuildOne(
            List<MemorySegment> read,
            MemorySegment rebuilt,
            int at,
            MemorySegment stripe,
            CRC32C crc)
            throws IOException {
        int bytes = code.fragmentBytes();
        for (int j = 0; j < read.size(); j++) {
            if (sum(crc, read.get(j).asByteBuffer(), at) != sums[at / bytes]) {
                throw new IOException("what is read is not what was written");
            }
            MemorySegment.copy(read.get(j), at, stripe, (j + 1L) * bytes, bytes);
        }
        code.decode(stripe, 0, ErasurePattern.of(0, code.fragments() - 1));
        MemorySegment.copy(stripe, 0, rebuilt, at, bytes);
        rebuiltSums.add(sum(crc, rebuilt.asByteBuffer(), at));
    }

    private int sum(CRC32C crc, ByteBuffer buffer, int at) {
        crc.reset();
        crc.update(buffer.limit(at + code.fragmentBytes()).position(at));
        return (int) crc.getValue();
    }
}
