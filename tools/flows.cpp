#include "tools/flows.hpp"

#include <algorithm>
#include <iterator>
#include <map>
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

struct Subscriber {
    const CounterRow* counter;
    const StreamIdentity* identity;
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
        if (const auto named = by_id_.find(subscriber.counter->reference_id); named != by_id_.end()) {
            return &named->second;
        }
        const auto same = by_session_.find({subscriber.identity->session_id, subscriber.identity->stream_id});
        return same == by_session_.end() ? nullptr : same->second;
    }

private:
    FlowsById& by_id_;
    std::map<SessionAndStream, Flow*> by_session_;
};

}  // namespace

std::string_view to_string(const FlowKind kind) noexcept {
    switch (kind) {
        case FlowKind::publication: return "publication";
        case FlowKind::image: return "image";
        case FlowKind::unknown: break;
    }
    return "unknown";
}

std::optional<std::int64_t> Flow::value(const std::int32_t type_id) const noexcept {
    const auto found =
        std::find_if(counters.begin(), counters.end(), [&](const CounterRow* row) { return row->type_id == type_id; });
    return found == counters.end() ? std::nullopt : std::optional{(*found)->value};
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

std::optional<std::int64_t> Flow::lag_of(const CounterRow& subscriber) const noexcept {
    auto lag = difference(head(), subscriber.value);
    if (lag) {
        *lag = std::max(*lag, std::int64_t{0});
    }
    return lag;
}

std::vector<Flow> group_flows(const DriverSnapshot& snapshot) {
    const std::vector<StreamGroup> groups = group_streams(snapshot);
    FlowsById flows;
    std::vector<Subscriber> subscribers;
    for (const StreamGroup& group : groups) {
        for (const CounterRow* const counter : group.counters) {
            if (counter->type_id == counter_type::subscriber_position) {
                subscribers.push_back({counter, &group.identity});
                continue;
            }
            Flow& flow = flows[counter->registration_id];
            if (flow.counters.empty() || names_the_flow(counter->type_id)) {
                flow.kind = kind_of(counter->type_id);
                flow.registration_id = counter->registration_id;
                flow.identity = group.identity;
            }
            flow.counters.push_back(counter);
        }
    }

    const Sources sources{flows};
    std::vector<Flow> strays;
    for (const Subscriber& subscriber : subscribers) {
        if (Flow* const source = sources.find(subscriber)) {
            source->subscribers.push_back(subscriber.counter);
        } else {
            strays.push_back({.identity = *subscriber.identity, .subscribers = {subscriber.counter}});
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

}  // namespace cpperon::tools
