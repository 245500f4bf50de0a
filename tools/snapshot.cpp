#include "tools/snapshot.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace cpperon::tools {

std::string_view to_string(const DriverState state) noexcept {
    switch (state) {
        case DriverState::alive: return "alive";
        case DriverState::dead: return "dead";
        case DriverState::closed: return "closed";
    }
    return "unknown";
}

std::optional<std::int64_t> DriverSnapshot::heartbeat_age_ms() const noexcept {
    if (state == DriverState::closed) {
        return std::nullopt;
    }
    return taken_ms - heartbeat_ms;
}

DriverSnapshot take_snapshot(const CncFile& cnc, EpochClock& clock) {
    DriverSnapshot snapshot{.directory = cnc.directory(),
                            .constants = cnc.constants(),
                            .taken_ms = clock.epoch_ms(),
                            .heartbeat_ms = cnc.driver_heartbeat_ms(),
                            .max_counter_id = cnc.counters().max_counter_id()};
    if (snapshot.heartbeat_ms < 0) {
        snapshot.state = DriverState::closed;
    } else if (snapshot.taken_ms - snapshot.heartbeat_ms <= driver_silence_limit.count()) {
        snapshot.state = DriverState::alive;
    }
    cnc.counters().for_each([&](const CounterView& counter) {
        snapshot.counters.push_back({.id = counter.id,
                                     .type_id = counter.type_id,
                                     .value = counter.value,
                                     .registration_id = counter.registration_id,
                                     .owner_id = counter.owner_id,
                                     .reference_id = counter.reference_id,
                                     .key = counter.key,
                                     .label = std::string{counter.label}});
    });
    cnc.for_each_error([&](const ErrorObservation& error) {
        snapshot.errors.push_back({error.count, error.first_ms, error.last_ms, std::string{error.text}});
    });
    const auto losses = cnc.try_for_each_loss([&](const LossObservation& loss) {
        snapshot.losses.push_back({loss.count, loss.total_bytes_lost, loss.first_ms, loss.last_ms, loss.session_id,
                                   loss.stream_id, std::string{loss.channel}, std::string{loss.source}});
    });
    static_cast<void>(losses);  // no report: no losses are known
    return snapshot;
}

void to_json(nlohmann::json& json, const CounterRow& counter) {
    json = {{"id", counter.id},
            {"type_id", counter.type_id},
            {"value", counter.value},
            {"registration_id", counter.registration_id},
            {"owner_id", counter.owner_id},
            {"reference_id", counter.reference_id},
            {"label", counter.label}};
    if (const auto stream = StreamCounterKey::decode(counter.type_id, counter.key)) {
        json["session_id"] = static_cast<std::int32_t>(stream->session_id);
        json["stream_id"] = stream->stream_id;
        json["channel"] = stream->channel;
    } else if (const auto channel = ChannelCounterKey::decode(counter.type_id, counter.key)) {
        json["channel"] = channel->channel;
    } else if (const auto socket = LocalSocketAddressKey::decode(counter.type_id, counter.key)) {
        json["channel_status_id"] = static_cast<std::int32_t>(socket->channel_status_id);
        json["address"] = socket->address;
    } else if (const auto client = ClientHeartbeatKey::decode(counter.type_id, counter.key)) {
        json["client_id"] = client->client_id;
    } else if (const auto name = NameEntryKey::decode(counter.type_id, counter.key)) {
        json["name"] = name->name;
    }
}

void to_json(nlohmann::json& json, const ErrorRow& error) {
    json = {{"count", error.count}, {"first_ms", error.first_ms}, {"last_ms", error.last_ms}, {"text", error.text}};
}

void to_json(nlohmann::json& json, const LossRow& loss) {
    json = {{"count", loss.count},           {"total_bytes_lost", loss.total_bytes_lost},
            {"first_ms", loss.first_ms},     {"last_ms", loss.last_ms},
            {"session_id", loss.session_id}, {"stream_id", loss.stream_id},
            {"channel", loss.channel},       {"source", loss.source}};
}

nlohmann::json driver_as_json(const DriverSnapshot& snapshot) {
    const CncConstants& constants = snapshot.constants;
    nlohmann::json json = {
        {"directory", snapshot.directory},
        {"cnc_version", constants.cnc_version.to_string()},
        {"pid", constants.pid},
        {"state", to_string(snapshot.state)},
        {"taken_ms", snapshot.taken_ms},
        {"start_ms", constants.start_timestamp_ms},
        {"heartbeat_ms", snapshot.heartbeat_ms},
        {"client_liveness_timeout_ns", constants.client_liveness_timeout.count()},
        {"file_page_size", constants.file_page_size},
    };
    const auto age_ms = snapshot.heartbeat_age_ms();
    json["heartbeat_age_ms"] = age_ms ? nlohmann::json(*age_ms) : nlohmann::json(nullptr);
    return json;
}

}  // namespace cpperon::tools
