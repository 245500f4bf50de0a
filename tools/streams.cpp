#include "tools/streams.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "cpperon/shm/counter_types.hpp"

namespace cpperon::tools {

namespace {

/// `<name>: <registration id> <session id> <stream id> <channel>`, for `sub-pos` with ` @<join position>` behind it.
/// The key's channel where a label is different. spec: 06 §19.3
std::string whole_channel(const CounterRow& counter, const StreamCounterKey& key) {
    const std::size_t begin = counter.label.find("aeron");
    if (begin == std::string::npos || counter.label.compare(begin, key.channel.size(), key.channel) != 0) {
        return key.channel;
    }
    std::size_t end = counter.label.size();
    if (counter.type_id == counter_type::subscriber_position) {
        end = std::min(end, counter.label.rfind(" @"));
    }
    return counter.label.substr(begin, end - begin);
}

}  // namespace

std::optional<StreamIdentity> stream_of(const CounterRow& counter) {
    const auto key = StreamCounterKey::decode(counter.type_id, counter.key);
    if (!key) {
        return std::nullopt;
    }
    return StreamIdentity{static_cast<std::int32_t>(key->session_id), key->stream_id, whole_channel(counter, *key)};
}

std::vector<StreamGroup> group_streams(const DriverSnapshot& snapshot) {
    std::map<StreamIdentity, std::vector<const CounterRow*>> groups;
    for (const CounterRow& counter : snapshot.counters) {
        if (const auto stream = stream_of(counter)) {
            groups[*stream].push_back(&counter);
        }
    }
    std::vector<StreamGroup> result;
    result.reserve(groups.size());
    for (auto& [identity, counters] : groups) {
        result.push_back({identity, std::move(counters)});
    }
    return result;
}

std::optional<std::string> channel_of(const CounterRow& counter) {
    if (auto stream = stream_of(counter)) {
        return std::move(stream->channel);
    }
    if (auto channel = ChannelCounterKey::decode(counter.type_id, counter.key)) {
        return std::move(channel->channel);
    }
    return std::nullopt;
}

std::string_view counter_name(const std::string_view label) noexcept {
    return label.substr(0, label.find(':'));
}

}  // namespace cpperon::tools
