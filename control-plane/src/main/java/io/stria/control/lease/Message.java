package io.stria.control.lease;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.stria.clustermap.ClusterMap;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.List;

/**
 * What control planes say to each other. Each message may be lost, late or doubled: answers name
 * what they answer, and the sender asks again.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Message.WhoLeads.class, name = "whoLeads"),
    @JsonSubTypes.Type(value = Message.Leads.class, name = "leads"),
    @JsonSubTypes.Type(value = Message.Register.class, name = "register"),
    @JsonSubTypes.Type(value = Message.Renew.class, name = "renew"),
    @JsonSubTypes.Type(value = Message.Renewed.class, name = "renewed"),
    @JsonSubTypes.Type(value = Message.Confirm.class, name = "confirm"),
    @JsonSubTypes.Type(value = Message.Confirmed.class, name = "confirmed"),
    @JsonSubTypes.Type(value = Message.NewMap.class, name = "newMap"),
    @JsonSubTypes.Type(value = Message.InForce.class, name = "inForce"),
    @JsonSubTypes.Type(value = Message.Propose.class, name = "propose"),
    @JsonSubTypes.Type(value = Message.Proposed.class, name = "proposed"),
    @JsonSubTypes.Type(value = Message.Ended.class, name = "ended"),
    @JsonSubTypes.Type(value = Message.EndedHeard.class, name = "endedHeard"),
    @JsonSubTypes.Type(value = Message.CutOff.class, name = "cutOff"),
    @JsonSubTypes.Type(value = Message.Wanted.class, name = "wanted"),
    @JsonSubTypes.Type(value = Message.Scrub.class, name = "scrub"),
    @JsonSubTypes.Type(value = Message.ScrubAnswer.class, name = "scrubAnswer"),
    @JsonSubTypes.Type(value = Message.AskView.class, name = "askView"),
    @JsonSubTypes.Type(value = Message.View.class, name = "view"),
})
public sealed interface Message {
    /** Whether its sender waits for an answer. */
    static boolean isQuestion(Message message) {
        return switch (message) {
            case WhoLeads _, Register _, Renew _, Confirm _, Propose _, Ended _ -> true;
            case Scrub _, AskView _ -> true;
            default -> false;
        };
    }

    /** To anybody. */
    record WhoLeads() implements Message {}

    /** The answer, also to what only a leader can answer; node 0 if the sender knows none. */
    record Leads(long term, int nodeId) implements Message {}

    /** To the leader: let this process of the node in. Answered by {@link NewMap}. */
    record Register(Decision.RegisterNode registration) implements Message {}

    /**
     * To the leader: the lease asked for runs from the sending of this message.
     *
     * @param sequence rises with every renewal of an incarnation
     * @param receivedEpoch newest map that has arrived, perhaps not yet applied
     * @param appliedEpoch newest map that all reactors have confirmed
     * @param appliedDigest of that map, see {@link io.stria.clustermap.MapCodec#digest}; empty
     *     before the first. There is no lease under another map of that epoch
     * @param voter whether the node's takes part in decisions
     * @param devices that are there and take writes, and how full each is
     * @param scrubs of volumes owned there
     */
    record Renew(
            long incarnation,
            long sequence,
            long receivedEpoch,
            long appliedEpoch,
            String appliedDigest,
            long pid,
            String engine,
            VoterReport voter,
            List<Serving> serving,
            List<DeviceFill> devices,
            List<ScrubReport> scrubs)
            implements Message {}

    /**
     * To the node, about one renewal.
     *
     * @param nextInNs when the next one suits the leader: at the same time as the others'
     */
    record Renewed(
            long term,
            long incarnation,
            long sequence,
            boolean granted,
            long inForceEpoch,
            long nextInNs)
            implements Message {}

    /** To the voters: is this still your newest term? No answer if it is not. */
    record Confirm(long term, long question) implements Message {}

    /**
     * @param quietNs for how long, until this, the voter had confirmed no leader before this one;
     *     less if it is not sure
     */
    record Confirmed(long term, long question, long quietNs) implements Message {}

    record NewMap(long term, ClusterMap map, long inForceEpoch) implements Message {}

    record InForce(long term, long epoch) implements Message {}

    /** To the leader. */
    record Propose(long requestId, Decision decision) implements Message {}

    record Proposed(long requestId, Result result) implements Message {}

    /** To the leader: a supervisor attests that this process has ended. */
    record Ended(int nodeId, long incarnation) implements Message {}

    record EndedHeard(int nodeId, long incarnation) implements Message {}

    /**
     * To the leader: the volume's owner of this epoch, here, does not reach as many stores as
     * writes need. Said again while it is so.
     */
    record CutOff(int vuid, int volumeEpoch) implements Message {}

    /**
     * To the nodes that present that volume: whoever reaches all of its stores may ask for it with
     * {@link Decision.TakeVolume}.
     */
    record Wanted(long term, int vuid, int volumeEpoch) implements Message {}

    /**
     * To the node that owns the volume at this epoch: scrub it now. Asked twice, it may do so
     * twice, one pass after the other.
     */
    record Scrub(int vuid, int volumeEpoch) implements Message {}

    /**
     * The answer.
     *
     * @param taken false if the node does not serve the volume at that epoch
     */
    record ScrubAnswer(int vuid, int volumeEpoch, boolean taken) implements Message {}

    /** To the leader: a question of somebody who watches. */
    record AskView(long requestId) implements Message {}

    record View(long requestId, LeaderView view) implements Message {}
}
