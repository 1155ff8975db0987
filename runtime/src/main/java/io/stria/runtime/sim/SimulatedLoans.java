package io.stria.runtime.sim;

import io.stria.runtime.TcpStream.Lender;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.zip.CRC32C;

/**
 * Memory that was lent to a stream, until what lay in it has departed. Nobody may have written to
 * it meanwhile: a kernel would have sent what was written.
 */
final class SimulatedLoans {
    private record Loan(
            MemorySegment memory, long offset, int length, long checksum, Lender lender, long end) {
        private boolean isAsItWas() {
            return checksum == SimulatedLoans.checksum(memory, offset, length);
        }
    }

    private final ArrayDeque<Loan> loans = new ArrayDeque<>();

    /**
     * @param end how many bytes of the stream have departed when this one has
     */
    void add(MemorySegment memory, long offset, int length, Lender lender, long end) {
        long checksum = checksum(memory, offset, length);
        loans.addLast(new Loan(memory, offset, length, checksum, lender, end));
    }

    /** Whether something is to be given back when so many bytes have departed. */
    boolean areDue(long departed) {
        return !loans.isEmpty() && loans.getFirst().end <= departed;
    }

    void giveBack(long departed) {
        while (areDue(departed)) {
            Loan loan = loans.removeFirst();
            assert loan.isAsItWas() : "written to before it was sent: " + loan;
            loan.lender.giveBack(loan.memory);
        }
    }

    private static long checksum(MemorySegment memory, long offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(memory.asSlice(offset, length).asByteBuffer());
        return crc.getValue();
    }
}
