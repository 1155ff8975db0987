package io.stria.placement;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.Scheme;

/**
 * How often pass 1 drew, worked out from where the chunks came to stand: a chunk takes the first
 * draw that hits a permitted slot, and the slot it stands on was permitted all along.
 *
 * @param pages placed
 * @param draws of all their chunks; 64 for a chunk that the rendezvous hash placed
 * @param most draws of one page
 * @param rendezvous chunks that no draw placed
 */
record Tries(long pages, long draws, long most, long rendezvous) {
    private static final int TRIES = 64;

    static Tries of(ClusterMap map, Scheme scheme, long pages) {
        Placement placement = Placement.of(map);
        WeightedJump jump = new WeightedJump(map.slots());
        int prime = SchemeRules.of(scheme, placement.caps(scheme)).prime();
        long draws = 0;
        long most = 0;
        long rendezvous = 0;
        int[] slots = new int[scheme.fragments()];
        for (long page = 0; page < pages; page++) {
            placement.primary(Pages.VUID, page, scheme, slots);
            long pageKey = DrawHash.pageKey(Pages.VUID, page);
            long ofPage = 0;
            for (int chunk = 0; chunk < slots.length; chunk++) {
                int tries = tries(jump, pageKey, chunk, prime, slots[chunk]);
                rendezvous += tries > TRIES ? 1 : 0;
                ofPage += Math.min(tries, TRIES);
            }
            draws += ofPage;
            most = Math.max(most, ofPage);
        }
        return new Tries(pages, draws, most, rendezvous);
    }

    private static int tries(WeightedJump jump, long pageKey, int chunk, int prime, int slot) {
        for (int i = 0; i < TRIES; i++) {
            if (jump.winner(DrawHash.drawKey(pageKey, chunk + i * prime)) == slot) {
                return i + 1;
            }
        }
        return TRIES + 1;
    }
}
