package io.stria.dataplane.device;

/**
 * What an owner can ask of a chunk store. Every op but ATTACH is refused with FENCED unless its
 * association attached last.
 */
public enum FragmentOp {
    /**
     * Makes the sender the owner's newest association for the VUID at the request's epoch.
     * Completes after every command of older associations is durable or dropped. Result: the
     * store's durable watermark, or {@link FragmentFormat#FORGETFUL}. MEDIA_ERROR: the device takes
     * no writes any more.
     */
    ATTACH,
    /**
     * Stores count fragments under one version, durably, all or none. Older versions are kept as
     * rule 3 says.
     */
    WRITE,
    /**
     * A tombstone of the given version for count fragments, durably. Older versions are kept as
     * rule 3 says, unless {@link FragmentRequest#dropsOthers} says that none is needed.
     */
    UNMAP,
    /**
     * The newest version of count fragments. Absent: flag ABSENT, version 0. A corrupt one: flag
     * BAD, never wrong data.
     */
    READ,
    /**
     * Of each of count fragments the newest version at or below the request's; else like READ. For
     * take-over.
     */
    READ_AT,
    /**
     * Sets count fragments to exactly what the buffer says (version, data or tombstone or absence),
     * dropping every other version, newer ones too. Durable. Carries its own version per fragment.
     * One flagged BAD reads as BAD from then on: it is known that its version was there, and lost.
     */
    REPLACE,
    /** Drops every version of count fragments, newer ones too, durably: they are absent then. */
    FREE,
    /**
     * Lists every fragment version above the given version, from the address on, in order of
     * address then version: {@link FragmentFormat#LIST_ENTRY_BYTES} each. Result: number of
     * entries, plus {@link FragmentFormat#LIST_MORE} when more may follow behind the last address
     * listed, whose own versions are complete. If those of the first address do not fit, a full
     * buffer of its oldest ones is the answer, and newer ones are asked for with the last of these
     * as the version. With groups of chunks, others than these need not be listed, and "more"
     * speaks of these alone.
     */
    LIST,
    /** Raises the committed watermark (which every other command carries too) to the request's. */
    COMMIT,
    /** Drops every fragment of the VUID; its space is free. */
    DELETE
}
