package io.stria.runtime.kernel;

import io.stria.runtime.TcpStream.Lender;
import io.stria.runtime.ffm.GatherList;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a stream has to send, in order: bytes that were copied into a ring, and memory that was lent
 * and is sent where it lies.
 *
 * <pre>
 * pieces   back ── sent, to be given back ──► head ── to be sent ──► tail
 * </pre>
 */
public final class SendList {
    /** Fewer bytes are sooner copied than remembered. */
    private static final int LOAN_BYTES_MIN = 1024;

    private static final int PIECES_MAX = 256;

    /** While so many are free there is space: for a loan, and what is copied before and after. */
    private static final int PIECES_SPARE = 3;

    private final SendRing ring;

    /** Around a ring, whose length is a power of two: one as long as nothing is lent. */
    private Piece[] pieces = {new Piece()};

    /** Counts that only grow; modulo the number of pieces they are places. */
    private int back;

    private int head;
    private int tail;

    private int used;

    public SendList(MemorySegment ring) {
        this.ring = new SendRing(ring);
    }

    public int capacity() {
        return ring.capacity();
    }

    /** Bytes that are still to be sent. */
    public int used() {
        return used;
    }

    /** Bytes that can be copied now; while there is space, something can be lent as well. */
    public int space() {
        return tail - back + PIECES_SPARE <= PIECES_MAX ? ring.space() : 0;
    }

    /** Copies bytes for which there is {@link #space}. */
    public void put(MemorySegment source, long offset, int length) {
        ring.put(source, offset, length);
        used += length;
        if (tail == head || at(tail - 1).loan != null) {
            append(null, 0, null);
        }
        at(tail - 1).length += length;
    }

    /** Returns false if these bytes are better copied, or there is no space. */
    public boolean lend(MemorySegment memory, long offset, int length, Lender lender) {
        if (length < LOAN_BYTES_MIN || space() == 0) {
            return false;
        }
        assert offset >= 0 && offset + length <= memory.byteSize();
        append(memory, offset, lender);
        at(tail - 1).length = length;
        used += length;
        return true;
    }

    /** Whether all lies in the ring. */
    public boolean isPlain() {
        return tail - head == 1 && at(head).loan == null;
    }

    /** Address of the oldest byte, where the list {@link #isPlain}. */
    public long address() {
        return ring.address();
    }

    /** Bytes from {@link #address} on that lie in one piece. */
    public int contiguous() {
        return ring.contiguous();
    }

    /** Lists the places of the oldest bytes, as many as it takes. */
    public void gather(GatherList places) {
        places.clear();
        int passed = 0;
        for (int i = head; i != tail && places.room() >= 2; i++) {
            Piece piece = at(i);
            MemorySegment loan = piece.loan;
            if (loan != null) {
                places.add(loan.address() + piece.start, piece.length);
            } else {
                int first = Math.min(piece.length, ring.untilEnd(passed));
                places.add(ring.address(passed), first);
                if (first < piece.length) {
                    places.add(ring.address(passed + first), piece.length - first);
                }
                passed += piece.length;
            }
        }
    }

    /** That many of the oldest bytes have been sent; {@link #giveBack} follows. */
    public void sent(int bytes) {
        assert bytes >= 0 && bytes <= used : bytes + " of " + used + " bytes sent";
        used -= bytes;
        int left = bytes;
        while (left > 0) {
            Piece piece = at(head);
            int now = Math.min(left, piece.length);
            if (piece.loan == null) {
                ring.sent(now);
            }
            piece.start += now;
            piece.length -= now;
            left -= now;
            head += piece.length == 0 ? 1 : 0;
        }
    }

    /** Gives back what was lent and has been sent. Lenders may use the stream meanwhile. */
    public void giveBack() {
        while (back != head) {
            Piece piece = at(back++);
            MemorySegment loan = piece.loan;
            Lender lender = piece.lender;
            piece.loan = null;
            piece.lender = null;
            if (loan != null && lender != null) {
                lender.giveBack(loan);
            }
        }
    }

    /** Forgets what was not sent, and gives all back. */
    public void drop() {
        sent(used);
        giveBack();
    }

    private void append(@Nullable MemorySegment loan, long start, @Nullable Lender lender) {
        if (tail - back == pieces.length) {
            grow();
        }
        Piece piece = at(tail++);
        piece.loan = loan;
        piece.start = start;
        piece.length = 0;
        piece.lender = lender;
    }

    private void grow() {
        Piece[] more = new Piece[2 * pieces.length];
        for (int i = 0; i < more.length; i++) {
            more[back + i & more.length - 1] = i < pieces.length ? at(back + i) : new Piece();
        }
        pieces = more;
    }

    private Piece at(int count) {
        return pieces[count & pieces.length - 1];
    }

    private static final class Piece {
        /** Null where the bytes lie in the ring. */
        private @Nullable MemorySegment loan;

        private @Nullable Lender lender;

        /** Where in the loan the rest of it begins. */
        private long start;

        /** Bytes still to be sent. */
        private int length;
    }
}
