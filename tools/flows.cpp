#include "tools/flows.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "cpperon/shm/counter_types.hpp"

namespace cpperon::tools {

namespace {

FlowKind kind_of(const std::int32_t type_id) noexcept {
    switch (type_id) {
        case counter_type::receiver_high_water_mark:
        case counter_type::receiver_position:
        case counter_type::receiver_naks_sent:
        case counter_type::per_image: return FlowKind::image;
        default: return FlowKind::publication;
    }
}

/// Others may carry the channel of the endpoint, which is another text.
bool names_the_flow(const std::int32_t type_id) noexcept {
    return type_id == counter_type::publisher_position || type_id == counter_type::receiver_position;
}

std::optional<std::int64_t> difference(const std::optional<std::int64_t> larger,
                                       const std::optional<std::int64_t> smaller) noexcept {
    if (!larger || !smaller) {
        return std::nullopt;
    }
    // Files may say anything: wrap instead of overflowing.
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(*larger) - static_cast<std::uint64_t>(*smaller));
}

std::optional<std::int64_t> not_below_0(std::optional<std::int64_t> value) noexcept {
    if (value) {
        value = std::max(*value, std::int64_t{0});
    }
    return value;
}

struct Subscriber {
    const CounterRow* counter;
    StreamIdentity identity;
};

using FlowsById = std::map<std::int64_t, Flow>;
using SessionAndStream = std::pair<std::int32_t, std::int32_t>;

/// Finds what a subscriber reads.
class Sources {
public:
    explicit Sources(FlowsById& flows) : by_id_(flows) {
        for (auto& [id, flow] : flows) {
            Flow*& source = by_session_[{flow.identity.session_id, flow.identity.stream_id}];
            if (source == nullptr || flow.kind == FlowKind::image) {
                source = &flow;
            }
        }
    }

    [[nodiscard]] Flow* find(const Subscriber& subscriber) const {
        if (subscriber.counter->reference_id != 0) {
            const auto named = by_id_.find(subscriber.counter->reference_id);
            return named == by_id_.end() ? nullptr : &named->second;
        }
        const auto same = by_session_.find({subscriber.identity.session_id, subscriber.identity.stream_id});
        return same == by_session_.end() ? nullptr : same->second;
    }

private:
    FlowsById& by_id_;
    std::map<SessionAndStream, Flow*> by_session_;
};

/// Images are received from somewhere: their losses are those of the same stream, and of the same channel where the
/// report has that.
std::int64_t bytes_lost(const DriverSnapshot& snapshot, const StreamIdentity& stream) {
    std::int64_t on_channel = 0;
    std::int64_t on_any = 0;
    for (const LossRow& loss : snapshot.losses) {
        if (loss.session_id == stream.session_id && loss.stream_id == stream.stream_id) {
            on_any += loss.total_bytes_lost;
            on_channel += loss.channel == stream.channel ? loss.total_bytes_lost : 0;
        }
    }
    return on_channel != 0 ? on_channel : on_any;
}

void add_parties(std::vector<StreamParty>& parties, const Flow& flow, const DriverSnapshot& snapshot) {
    const auto add = [&](const StreamRole role, const CounterRow* const position) -> StreamParty& {
        return parties.emplace_back(StreamParty{.role = role,
                                                .registration_id = position->registration_id,
                                                .position = position,
                                                .behind = flow.lag_of(*position)});
    };
    if (const CounterRow* const position = flow.find(counter_type::publisher_position)) {
        StreamParty& publisher = add(StreamRole::publisher, position);
        publisher.behind.reset();
        publisher.window_left = not_below_0(flow.publication_window());
    }
    if (const CounterRow* const position = flow.find(counter_type::sender_position)) {
        StreamParty& sender = add(StreamRole::sender, position);
        sender.window_left = not_below_0(flow.sender_window());
        sender.back_pressure_events = flow.find(counter_type::sender_back_pressure_events);
        sender.naks = flow.find(counter_type::sender_naks_received);
    }
    if (const CounterRow* const position = flow.find(counter_type::receiver_position)) {
        StreamParty& receiver = add(StreamRole::receiver, position);
        receiver.naks = flow.find(counter_type::receiver_naks_sent);
        receiver.bytes_lost = bytes_lost(snapshot, flow.identity);
    }
    for (const CounterRow* const position : flow.subscribers) {
        add(StreamRole::subscriber, position);
    }
}

}  // namespace

std::string_view to_string(const FlowKind kind) noexcept {
    switch (kind) {
        case FlowKind::publication: return "publication";
        case FlowKind::image: return "image";
        case FlowKind::unknown: break;
    }
    return "unknown";
}

const CounterRow* Flow::find(const std::int32_t type_id) const noexcept {
    const auto found = std::ranges::find(counters, type_id, &CounterRow::type_id);
    return found == counters.end() ? nullptr : *found;
}

std::optional<std::int64_t> Flow::value(const std::int32_t type_id) const noexcept {
    const CounterRow* const counter = find(type_id);
    return counter == nullptr ? std::nullopt : std::optional{counter->value};
}

std::optional<std::int64_t> Flow::head() const noexcept {
    return value(kind == FlowKind::image ? counter_type::receiver_high_water_mark : counter_type::publisher_position);
}

std::optional<std::int64_t> Flow::publication_window() const noexcept {
    return difference(value(counter_type::publisher_limit), value(counter_type::publisher_position));
}

std::optional<std::int64_t> Flow::sender_window() const noexcept {
    return difference(value(counter_type::sender_limit), value(counter_type::sender_position));
}

std::optional<std::int64_t> Flow::lag_of(const CounterRow& position) const noexcept {
    return not_below_0(difference(head(), position.value));
}

std::vector<Flow> group_flows(const DriverSnapshot& snapshot) {
    FlowsById flows;
    std::vector<Subscriber> subscribers;
    for (const CounterRow& counter : snapshot.counters) {
        auto stream = stream_of(counter);
        if (!stream) {
            continue;
        }
        if (counter.type_id == counter_type::subscriber_position) {
            subscribers.push_back({&counter, *std::move(stream)});
            continue;
        }
        Flow& flow = flows[counter.registration_id];
        if (flow.counters.empty() || names_the_flow(counter.type_id)) {
            flow.kind = kind_of(counter.type_id);
            flow.registration_id = counter.registration_id;
            flow.identity = *std::move(stream);
        }
        flow.counters.push_back(&counter);
    }

    const Sources sources{flows};
    std::vector<Flow> strays;
    for (const Subscriber& subscriber : subscribers) {
        if (Flow* const source = sources.find(subscriber)) {
            source->subscribers.push_back(subscriber.counter);
        } else {
            strays.push_back({.identity = subscriber.identity, .subscribers = {subscriber.counter}});
        }
    }
    std::vector<Flow> result;
    result.reserve(flows.size() + strays.size());
    for (auto& [id, flow] : flows) {
        result.push_back(std::move(flow));
    }
    std::move(strays.begin(), strays.end(), std::back_inserter(result));
    return result;
}

std::string_view to_string(const StreamRole role) noexcept {
    switch (role) {
        case StreamRole::publisher: return "publisher";
        case StreamRole::sender: return "sender";
        case StreamRole::receiver: return "receiver";
        case StreamRole::subscriber: return "subscriber";
    }
    return "unknown";
}

std::vector<StreamParties> parties_by_stream(const DriverSnapshot& snapshot) {
    std::map<StreamIdentity, StreamParties> streams;
    for (const Flow& flow : group_flows(snapshot)) {
        StreamParties& stream = streams[flow.identity];
        add_parties(stream.parties, flow, snapshot);
        for (const auto& counters : {flow.counters, flow.subscribers}) {
            stream.counters.insert(stream.counters.end(), counters.begin(), counters.end());
        }
    }
    std::vector<StreamParties> result;
    result.reserve(streams.size());
    for (auto& [identity, stream] : streams) {
        stream.identity = identity;
        std::ranges::sort(stream.parties, {}, [](const StreamParty& party) {
            return std::tuple{party.role, party.registration_id, party.position->id};
        });
        result.push_back(std::move(stream));
    }
    return result;
}

}  // namespace cpperon::tools
