package io.stria.clustermap;

import java.util.List;
import java.util.SortedMap;
import java.util.UUID;

/**
 * One volume and who serves it.
 *
 * @param vuid 24 bits, never reused while any chunk of it exists
 * @param id also the NGUID that hosts see
 * @param epoch 24 bits; raised by every start of an owner
 * @param owner id of the node that serves it
 * @param paths ids of the nodes that present it to hosts, owner's preferred first; the owner is one
 *     of them
 * @param behind slots whose fragments of this volume are not known to be current, each with the map
 *     epoch at which it was last marked: they take writes, never vote, and count as lost. An
 *     acknowledged write is durable on every location whose slot is not in here. Marking a slot
 *     again renews its epoch, and only a proposal that names the present epoch of the mark takes
 *     the slot out: so a late "in sync" never undoes a newer "behind". A slot is never marked when
 *     that could leave more than two chunks of one page behind (distinct nodes behind times the
 *     most chunks of a page on one node, or simply the number of slots, at most two): such a loss
 *     makes blocks wait, and nothing is given up.
 */
public record VolumeEntry(
        int vuid,
        UUID id,
        String name,
        String nqn,
        long sizeBytes,
        Scheme scheme,
        Tolerance tolerance,
        VolumeState state,
        int epoch,
        int owner,
        List<Integer> paths,
        SortedMap<Integer, Long> behind) {}
