#include "tools/dashboard_json.hpp"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "cpperon/shm/counter_types.hpp"
#include "tools/flows.hpp"
#include "tools/label_field.hpp"

namespace cpperon::tools {

namespace {

using nlohmann::json;

/// Keeps its limit, and counts what is beyond.
class BoundedList {
public:
    explicit BoundedList(const std::size_t limit) : limit_(limit) {}

    void add(json item) {
        if (items_.size() < limit_) {
            items_.push_back(std::move(item));
        } else {
            ++beyond_;
        }
    }

    void move_to(json& object, const char* const name) {
        object["left_out"][name] = beyond_;
        object[name] = std::move(items_);
    }

private:
    std::size_t limit_;
    std::size_t beyond_ = 0;
    json items_ = json::array();
};

template <typename Value>
void set_if(json& object, const char* const name, const std::optional<Value>& value) {
    if (value) {
        object[name] = *value;
    }
}

json as_json(const Flow& flow) {
    json subscribers = json::array();
    for (const CounterRow* const row : flow.subscribers) {
        json subscriber = {{"id", row->registration_id}, {"position", row->value}};
        set_if(subscriber, "lag", flow.lag_of(*row));
        subscribers.push_back(std::move(subscriber));
    }
    json result = {{"id", flow.registration_id},          {"kind", to_string(flow.kind)},
                   {"session", flow.identity.session_id}, {"stream", flow.identity.stream_id},
                   {"channel", flow.identity.channel},    {"subscribers", std::move(subscribers)}};
    set_if(result, "head", flow.head());
    set_if(result, "window", flow.publication_window());
    set_if(result, "sent", flow.value(counter_type::sender_position));
    set_if(result, "sender_window", flow.sender_window());
    set_if(result, "back_pressure", flow.value(counter_type::sender_back_pressure_events));
    set_if(result, "receivers", flow.value(counter_type::flow_control_receivers));
    set_if(result, "received", flow.value(counter_type::receiver_position));
    set_if(result, "naks",
           flow.value(flow.kind == FlowKind::image ? counter_type::receiver_naks_sent
                                                   : counter_type::sender_naks_received));
    return result;
}

/// `rows` are oldest first; the last `limit` of them.
template <typename Row>
void add_latest(json& object, const char* const name, const std::vector<Row>& rows, const std::size_t limit) {
    const std::size_t count = std::min(rows.size(), limit);
    json items = json::array();
    for (auto row = rows.end() - static_cast<std::ptrdiff_t>(count); row != rows.end(); ++row) {
        items.push_back(*row);
    }
    object["left_out"][name] = rows.size() - count;
    object[name] = std::move(items);
}

void add_counters(json& object, const DriverSnapshot& snapshot, const std::size_t limit) {
    json system = json::array();
    BoundedList channels{limit};
    BoundedList clients{limit};
    BoundedList others{limit};
    for (const CounterRow& row : snapshot.counters) {
        switch (row.type_id) {
            case counter_type::system: system.push_back({row.id, row.label, row.value}); break;
            case counter_type::send_channel_status:
            case counter_type::receive_channel_status:
            case counter_type::local_socket_address:
            case counter_type::multi_destination_count:
                channels.add({{"id", row.id}, {"label", row.label}, {"value", row.value}, {"type", row.type_id}});
                break;
            case counter_type::client_heartbeat:
                clients.add({{"id", row.registration_id},
                             {"name", label_field(row.label, "name")},
                             {"version", label_field(row.label, "version")},
                             {"age_ms", snapshot.taken_ms - row.value}});
                break;
            default:
                if (!StreamCounterKey::decode(row.type_id, row.key)) {
                    others.add({{"id", row.id}, {"label", row.label}, {"value", row.value}, {"type", row.type_id}});
                }
                break;
        }
    }
    object["system"] = std::move(system);
    channels.move_to(object, "channels");
    clients.move_to(object, "clients");
    others.move_to(object, "counters");
}

}  // namespace

std::string dashboard_json(const DriverLook& look, const std::size_t max_streams) {
    json result = {{"driver", {{"directory", look.directory}}}, {"left_out", json::object()}};
    if (look.snapshot) {
        result["driver"] = driver_as_json(*look.snapshot);
        add_counters(result, *look.snapshot, max_streams);
        BoundedList streams{max_streams};
        for (const Flow& flow : group_flows(*look.snapshot)) {
            streams.add(as_json(flow));
        }
        streams.move_to(result, "streams");
        add_latest(result, "errors", look.snapshot->errors, max_streams);
        add_latest(result, "losses", look.snapshot->losses, max_streams);
    }
    result["driver"]["state"] = look.state();
    result["driver"]["problem"] = look.problem;
    return result.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace cpperon::tools
