package io.stria.clustermap;

/** A delta is sound but starts from another epoch: the receiver needs the full map. */
public final class WrongBaseException extends MapFormatException {
    private static final long serialVersionUID = 1L;

    public WrongBaseException(long baseEpoch, long haveEpoch) {
        super(
                "the delta starts from epoch %d, and this node has epoch %d: ask for the full map"
                        .formatted(baseEpoch, haveEpoch));
    }
}
