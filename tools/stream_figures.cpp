#include "tools/stream_figures.hpp"

#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

#include "cpperon/shm/counter_types.hpp"

namespace cpperon::tools {

namespace {

using Counters = std::vector<const CounterRow*>;

const CounterRow* find(const Counters& counters, const std::int32_t type_id, const std::int64_t registration_id) {
    const auto found = std::ranges::find_if(counters, [&](const CounterRow* const counter) {
        return counter->type_id == type_id && counter->registration_id == registration_id;
    });
    return found == counters.end() ? nullptr : *found;
}

/// How far `ahead` is before `behind`; nothing where one of them is missing.
std::optional<std::int64_t> distance(const CounterRow* const ahead, const CounterRow* const behind) {
    if (ahead == nullptr || behind == nullptr) {
        return std::nullopt;
    }
    // Unsigned: a corrupt counter may hold anything.
    const auto difference = static_cast<std::uint64_t>(ahead->value) - static_cast<std::uint64_t>(behind->value);
    return ahead->value > behind->value ? static_cast<std::int64_t>(difference) : 0;
}

/// Moves each subscriber's position to the publication or image that it refers to.
void join_subscribers(std::vector<StreamGroup>& groups) {
    const auto log_of = [&groups](const CounterRow& subscriber) {
        return std::ranges::find_if(groups, [&](const StreamGroup& group) {
            return subscriber.reference_id != 0 &&
                   (find(group.counters, counter_type::publisher_position, subscriber.reference_id) != nullptr ||
                    find(group.counters, counter_type::receiver_position, subscriber.reference_id) != nullptr);
        });
    };
    for (std::size_t from = 0; from < groups.size(); ++from) {
        const Counters counters = groups[from].counters;
        for (const CounterRow* const counter : counters) {
            if (counter->type_id != counter_type::subscriber_position) {
                continue;
            }
            const auto to = log_of(*counter);
            if (to != groups.end() && &*to != &groups[from]) {
                std::erase(groups[from].counters, counter);
                to->counters.push_back(counter);
            }
        }
    }
    std::erase_if(groups, [](const StreamGroup& group) { return group.counters.empty(); });
}

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

void add_party(StreamFigures& stream, const CounterRow& counter, const DriverSnapshot& snapshot) {
    const auto of_same = [&](const std::int32_t type_id) {
        return find(stream.counters, type_id, counter.registration_id);
    };
    StreamParty party{.registration_id = counter.registration_id, .position = &counter};
    switch (counter.type_id) {
        case counter_type::publisher_position:
            party.role = StreamRole::publisher;
            party.window_left = distance(of_same(counter_type::publisher_limit), &counter);
            break;
        case counter_type::sender_position:
            party.role = StreamRole::sender;
            party.behind = distance(of_same(counter_type::publisher_position), &counter);
            party.window_left = distance(of_same(counter_type::sender_limit), &counter);
            party.back_pressure_events = of_same(counter_type::sender_back_pressure_events);
            party.naks = of_same(counter_type::sender_naks_received);
            break;
        case counter_type::receiver_position:
            party.role = StreamRole::receiver;
            party.behind = distance(of_same(counter_type::receiver_high_water_mark), &counter);
            party.naks = of_same(counter_type::receiver_naks_sent);
            party.bytes_lost = bytes_lost(snapshot, stream.identity);
            break;
        case counter_type::subscriber_position: {
            party.role = StreamRole::subscriber;
            // Of a spy, what was sent; of a subscriber within the machine, what was published.
            for (const std::int32_t type_id : {counter_type::receiver_high_water_mark, counter_type::sender_position,
                                               counter_type::publisher_position}) {
                const CounterRow* ahead = find(stream.counters, type_id, counter.reference_id);
                if (ahead == nullptr && counter.reference_id == 0) {
                    ahead = StreamGroup{stream.identity, stream.counters}.find(type_id);  // a driver without references
                }
                if (ahead != nullptr) {
                    party.behind = distance(ahead, &counter);
                    break;
                }
            }
            break;
        }
        default: return;
    }
    stream.parties.push_back(party);
}

}  // namespace

std::string_view to_string(const StreamRole role) noexcept {
    switch (role) {
        case StreamRole::publisher: return "publisher";
        case StreamRole::sender: return "sender";
        case StreamRole::receiver: return "receiver";
        case StreamRole::subscriber: return "subscriber";
    }
    return "unknown";
}

std::vector<StreamFigures> stream_figures(const DriverSnapshot& snapshot) {
    std::vector<StreamGroup> groups = group_streams(snapshot);
    join_subscribers(groups);
    std::vector<StreamFigures> streams;
    for (StreamGroup& group : groups) {
        StreamFigures stream{
            .identity = std::move(group.identity), .parties = {}, .counters = std::move(group.counters)};
        for (const CounterRow* const counter : stream.counters) {
            add_party(stream, *counter, snapshot);
        }
        std::ranges::stable_sort(stream.parties, {}, &StreamParty::role);
        streams.push_back(std::move(stream));
    }
    return streams;
}

nlohmann::json as_json(const StreamFigures& stream, const CounterRates& rates) {
    nlohmann::json parties = nlohmann::json::array();
    for (const StreamParty& party : stream.parties) {
        nlohmann::json json{{"role", to_string(party.role)},
                            {"registration_id", party.registration_id},
                            {"position", party.position->value}};
        const auto put = [&json](const char* const name, const auto& value) {
            if (value) {
                json[name] = *value;
            }
        };
        const auto put_counter = [&](const std::string& name, const CounterRow* const counter) {
            if (counter != nullptr) {
                json[name] = counter->value;
                put((name + "_per_second").c_str(), rates.of(*counter));
            }
        };
        put("bytes_per_second", rates.of(*party.position));
        put("behind", party.behind);
        put("window_left", party.window_left);
        put_counter("back_pressure_events", party.back_pressure_events);
        put_counter("naks", party.naks);
        put("bytes_lost", party.bytes_lost);
        parties.push_back(std::move(json));
    }
    return {{"session_id", stream.identity.session_id},
            {"stream_id", stream.identity.stream_id},
            {"channel", stream.identity.channel},
            {"parties", std::move(parties)}};
}

}  // namespace cpperon::tools
