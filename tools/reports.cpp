#include "tools/reports.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/shm/counter_types.hpp"
#include "tools/text.hpp"

namespace cpperon::tools {

namespace {

/// Doubled quotes and quotes around, where a reader needs them.
std::string csv_field(const std::string_view text) {
    std::string plain = printable(text);
    if (plain.find_first_of(",\"") == std::string::npos) {
        return plain;
    }
    std::string quoted = "\"";
    for (const char c : plain) {
        quoted += c;
        quoted += c == '"' ? "\"" : "";
    }
    return quoted + '"';
}

/// Drivers end some texts with a line of its own.
std::string without_end(std::string text) {
    text.erase(text.find_last_not_of(" \n") + 1);
    return text;
}

std::string name_of(const StreamIdentity& stream) {
    return fmt::format("sessionId={} streamId={} channel={} : ", stream.session_id, stream.stream_id,
                       printable(stream.channel));
}

/// Those that the reference's stream tool shows. spec: 06 §24.5
bool is_in_line(const CounterRow& counter) noexcept {
    return counter.type_id != counter_type::per_image && counter.type_id != counter_type::flow_control_receivers;
}

/// What belongs together, with a bracket before it.
void append_bracketed(std::string& text, const std::vector<std::string>& lines) {
    for (std::size_t index = 0; index < lines.size(); ++index) {
        const char* const bracket = index == 0 ? "┌" : index + 1 < lines.size() ? "├" : "└";
        fmt::format_to(std::back_inserter(text), "{}─{}\n", bracket, lines[index]);
    }
}

std::string bytes_known(const std::optional<std::int64_t>& bytes, const std::string_view what) {
    return bytes ? fmt::format(" ({}{} bytes {})", what.starts_with("before") ? "~" : "", *bytes, what) : "";
}

nlohmann::json as_json(const StreamParty& party, const CounterRates& rates) {
    nlohmann::json json{{"role", to_string(party.role)},
                        {"registration_id", party.registration_id},
                        {"position", party.position->value}};
    const auto put = [&json](const std::string& name, const auto& value) {
        if (value) {
            json[name] = *value;
        }
    };
    const auto put_counter = [&](const std::string& name, const CounterRow* const counter) {
        if (counter != nullptr) {
            json[name] = counter->value;
            put(name + "_per_second", rates.of(*counter));
        }
    };
    put("bytes_per_second", rates.of(*party.position));
    put("behind", party.behind);
    put("window_left", party.window_left);
    put_counter("back_pressure_events", party.back_pressure_events);
    put_counter("naks", party.naks);
    put("bytes_lost", party.bytes_lost);
    return json;
}

}  // namespace

std::string errors_as_text(const std::span<const ErrorRow> errors) {
    std::string text;
    for (const ErrorRow& error : errors) {
        fmt::format_to(std::back_inserter(text), "***\n{} observations from {} to {} for:\n{}\n", error.count,
                       local_time(error.first_ms), local_time(error.last_ms),
                       without_end(printable(error.text, "\n\t")));
    }
    return text + fmt::format("\n{} distinct errors observed.\n", errors.size());
}

std::string losses_as_csv(const std::span<const LossRow> losses) {
    std::string text =
        "OBSERVATION_COUNT, TOTAL_BYTES_LOST, FIRST_OBSERVATION,LAST_OBSERVATION, SESSION_ID, STREAM_ID, CHANNEL, "
        "SOURCE\n";
    for (const LossRow& loss : losses) {
        fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},{},{}\n", loss.count, loss.total_bytes_lost,
                       local_time(loss.first_ms), local_time(loss.last_ms), loss.session_id, loss.stream_id,
                       csv_field(loss.channel), csv_field(loss.source));
    }
    return text + fmt::format("{} entries read\n", losses.size());
}

std::string losses_as_table(const std::span<const LossRow> losses) {
    std::string text = fmt::format("{:>10} {:>14}  {:<28}  {:<28} {:>11} {:>11}  {}\n", "TIMES", "BYTES LOST", "FIRST",
                                   "LAST", "SESSION", "STREAM", "CHANNEL, SOURCE");
    for (const LossRow& loss : losses) {
        fmt::format_to(std::back_inserter(text), "{:>10} {:>14}  {:<28}  {:<28} {:>11} {:>11}  {} from {}\n",
                       with_separators(loss.count), with_separators(loss.total_bytes_lost), local_time(loss.first_ms),
                       local_time(loss.last_ms), loss.session_id, loss.stream_id, printable(loss.channel),
                       printable(loss.source));
    }
    return text + fmt::format("Images that lost data: {}\n", losses.size());
}

std::string streams_as_text(const std::span<const StreamGroup> streams) {
    std::string text;
    for (const StreamGroup& stream : streams) {
        text += name_of(stream.identity);
        std::string_view space;
        for (const CounterRow* const counter : stream.counters) {
            if (is_in_line(*counter)) {
                fmt::format_to(std::back_inserter(text), "{}{}:{}:{}", space, printable(counter_name(counter->label)),
                               counter->registration_id, counter->value);
                space = " ";
            }
        }
        text += '\n';
    }
    return text;
}

nlohmann::json streams_as_json(const std::span<const StreamGroup> streams) {
    nlohmann::json rows = nlohmann::json::array();
    for (const StreamGroup& stream : streams) {
        nlohmann::json counters = nlohmann::json::array();
        for (const CounterRow* const counter : stream.counters) {
            counters.push_back({{"id", counter->id},
                                {"type_id", counter->type_id},
                                {"name", counter_name(counter->label)},
                                {"registration_id", counter->registration_id},
                                {"value", counter->value}});
        }
        rows.push_back({{"session_id", stream.identity.session_id},
                        {"stream_id", stream.identity.stream_id},
                        {"channel", stream.identity.channel},
                        {"counters", std::move(counters)}});
    }
    return rows;
}

std::string backlog_as_text(const std::span<const StreamParties> streams) {
    std::string text;
    for (const StreamParties& stream : streams) {
        text += name_of(stream.identity) + '\n';
        std::vector<std::string> together;
        const bool has_sender = std::ranges::any_of(
            stream.parties, [](const StreamParty& party) { return party.role == StreamRole::sender; });
        for (const StreamParty& party : stream.parties) {
            const std::int64_t id = party.registration_id;
            switch (party.role) {
                case StreamRole::publisher:
                    together.push_back(fmt::format("for publisher {} the last sampled position is {}{}", id,
                                                   party.position->value,
                                                   bytes_known(party.window_left, "before back-pressure")));
                    if (!has_sender) {
                        together.emplace_back("no sender");
                    }
                    break;
                case StreamRole::sender:
                    together.push_back(fmt::format("sender {} has to send {} bytes{}", id, party.behind.value_or(0),
                                                   bytes_known(party.window_left, "remaining in the sender window")));
                    break;
                case StreamRole::receiver:
                    append_bracketed(text, together);
                    together = {fmt::format("receiver {} is at position {}", id, party.position->value)};
                    break;
                case StreamRole::subscriber:
                    together.push_back(party.behind
                                           ? fmt::format("subscriber {} has {} backlog bytes", id, *party.behind)
                                           : fmt::format("subscriber {} is at position {}", id, party.position->value));
                    break;
            }
        }
        append_bracketed(text, together);
        text += '\n';
    }
    return text;
}

nlohmann::json parties_as_json(const std::span<const StreamParties> streams, const CounterRates& rates) {
    nlohmann::json rows = nlohmann::json::array();
    for (const StreamParties& stream : streams) {
        nlohmann::json parties = nlohmann::json::array();
        for (const StreamParty& party : stream.parties) {
            parties.push_back(as_json(party, rates));
        }
        rows.push_back({{"session_id", stream.identity.session_id},
                        {"stream_id", stream.identity.stream_id},
                        {"channel", stream.identity.channel},
                        {"parties", std::move(parties)}});
    }
    return rows;
}

}  // namespace cpperon::tools
