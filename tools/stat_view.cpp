#include "tools/stat_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/shm/counter_types.hpp"
#include "cpperon/shm/system_counter.hpp"
#include "tools/reports.hpp"
#include "tools/text.hpp"

namespace cpperon::tools {

namespace {

constexpr double bytes_per_megabyte = 1'000'000;

/// Sorts what `row_of` gives a counter for, by that counter and by `text_of`; ties stay in their order.
template <typename Row, typename CounterOf, typename TextOf>
void sort_rows(std::vector<Row>& rows, const StatView& view, const CounterRates& rates, const CounterOf& counter_of,
               const TextOf& text_of) {
    const auto rate_of = [&](const Row& row) {
        const CounterRow* const counter = counter_of(row);
        return counter != nullptr ? rates.of(*counter).value_or(0) : 0;
    };
    const auto value_of = [&](const Row& row) {
        const CounterRow* const counter = counter_of(row);
        return counter != nullptr ? counter->value : std::numeric_limits<std::int64_t>::min();
    };
    switch (view.order) {
        case SortOrder::id: break;
        case SortOrder::value: std::ranges::stable_sort(rows, std::ranges::greater{}, value_of); break;
        case SortOrder::rate: std::ranges::stable_sort(rows, std::ranges::greater{}, rate_of); break;
        case SortOrder::label: std::ranges::stable_sort(rows, {}, text_of); break;
    }
    if (view.top && rows.size() > *view.top) {
        rows.resize(*view.top);
    }
}

std::vector<const CounterRow*> select_counters(const DriverSnapshot& snapshot, const StatView& view,
                                               const CounterRates& rates) {
    std::vector<const CounterRow*> rows;
    for (const CounterRow& counter : snapshot.counters) {
        if (view.filter.matches(counter)) {
            rows.push_back(&counter);
        }
    }
    sort_rows(
        rows, view, rates, [](const CounterRow* const row) { return row; },
        [](const CounterRow* const row) -> const std::string& { return row->label; });
    return rows;
}

std::vector<StreamParties> select_streams(const DriverSnapshot& snapshot, const StatView& view,
                                          const CounterRates& rates) {
    std::vector<StreamParties> rows = parties_by_stream(snapshot);
    std::erase_if(rows, [&](const StreamParties& stream) {
        return std::ranges::none_of(stream.counters,
                                    [&](const CounterRow* const counter) { return view.filter.matches(*counter); });
    });
    sort_rows(
        rows, view, rates,
        [](const StreamParties& row) { return row.parties.empty() ? nullptr : row.parties.front().position; },
        [](const StreamParties& row) -> const std::string& { return row.identity.channel; });
    return rows;
}

/// Empty where nothing changed, or nothing is known.
std::string rate_text(const std::optional<double> per_second) {
    if (!per_second || *per_second == 0) {
        return {};
    }
    constexpr double too_small_for_whole_numbers = 10;
    if (std::abs(*per_second) < too_small_for_whole_numbers) {
        return fmt::format("{:+.1f}/s", *per_second);
    }
    return fmt::format("{}{}/s", *per_second > 0 ? "+" : "", with_separators(std::llround(*per_second)));
}

/// Whether more of it is bad news.
bool is_trouble(const CounterRow& counter) noexcept {
    switch (counter.type_id) {
        case counter_type::sender_naks_received:
        case counter_type::receiver_naks_sent: return true;
        case counter_type::system: break;
        default: return false;
    }
    switch (static_cast<SystemCounter>(counter.id)) {
        case SystemCounter::receiver_proxy_fails:
        case SystemCounter::sender_proxy_fails:
        case SystemCounter::conductor_proxy_fails:
        case SystemCounter::native_resource_agent_proxy_fails:
        case SystemCounter::naks_sent:
        case SystemCounter::naks_received:
        case SystemCounter::invalid_packets:
        case SystemCounter::errors:
        case SystemCounter::short_sends:
        case SystemCounter::free_fails:
        case SystemCounter::loss_gap_fills:
        case SystemCounter::client_timeouts:
        case SystemCounter::conductor_cycle_time_threshold_exceeded:
        case SystemCounter::sender_cycle_time_threshold_exceeded:
        case SystemCounter::receiver_cycle_time_threshold_exceeded:
        case SystemCounter::name_resolver_time_threshold_exceeded:
        case SystemCounter::retransmit_overflow:
        case SystemCounter::images_rejected:
        case SystemCounter::status_messages_rejected: return true;
        default: return false;
    }
}

bool is_growing(const CounterRow* const counter, const CounterRates& rates) noexcept {
    return counter != nullptr && rates.of(*counter).value_or(0) > 0;
}

std::vector<Line> counter_lines(const DriverSnapshot& snapshot, const StatView& view, const CounterRates& rates) {
    const auto id_width = fmt::formatted_size("{}", std::max(snapshot.max_counter_id, 0));
    const std::size_t value_width = view.is_watched ? 19 : 26;  // the latter is the reference's
    std::vector<Line> lines;
    for (const CounterRow* const counter : select_counters(snapshot, view, rates)) {
        const std::string rate = view.is_watched ? fmt::format(" {:>15}", rate_text(rates.of(*counter))) : "";
        const bool is_moving = rates.of(*counter).value_or(0) != 0;
        const bool is_alarming = is_trouble(*counter) && is_growing(counter, rates);
        lines.push_back(
            {.text = fmt::format("{:>{}}: {:>{}}{} - {}", counter->id, id_width, with_separators(counter->value),
                                 value_width, rate, printable(counter->label)),
             .style = is_alarming ? LineStyle::alarming
                      : is_moving ? LineStyle::moving
                                  : LineStyle::plain});
    }
    return lines;
}

/// Without the columns that are empty.
std::string trimmed(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

Line party_line(const StreamParty& party, const CounterRates& rates) {
    const auto bytes = [](const std::optional<std::int64_t>& value) { return value ? with_separators(*value) : ""; };
    const auto count = [](const CounterRow* const counter) { return counter ? with_separators(counter->value) : ""; };
    const auto rate = rates.of(*party.position);
    const bool is_alarming = is_growing(party.naks, rates) || is_growing(party.back_pressure_events, rates);
    return {
        .text = trimmed(fmt::format(
            "  {:<10} {:>6} {:>19} {:>9} {:>13} {:>13} {:>8} {:>7} {:>11}", to_string(party.role),
            party.registration_id, with_separators(party.position->value),
            rate ? fmt::format("{:.2f}", *rate / bytes_per_megabyte) : "", bytes(party.behind),
            bytes(party.window_left), count(party.back_pressure_events), count(party.naks), bytes(party.bytes_lost))),
        .style = is_alarming             ? LineStyle::alarming
                 : rate.value_or(0) != 0 ? LineStyle::moving
                                         : LineStyle::plain};
}

std::vector<Line> table_of_streams(const DriverSnapshot& snapshot, const StatView& view, const CounterRates& rates) {
    std::vector<Line> lines{
        {.text = fmt::format("  {:<17} {:>19} {:>9} {:>13} {:>13} {:>8} {:>7} {:>11}", "", "POSITION", "MB/s", "BEHIND",
                             "WINDOW LEFT", "BACK PR.", "NAKS", "BYTES LOST"),
         .style = LineStyle::heading}};
    for (const StreamParties& stream : select_streams(snapshot, view, rates)) {
        lines.push_back({.text = fmt::format("stream {}, session {}, {}", stream.identity.stream_id,
                                             stream.identity.session_id, printable(stream.identity.channel))});
        for (const StreamParty& party : stream.parties) {
            lines.push_back(party_line(party, rates));
        }
    }
    return lines;
}

}  // namespace

std::string_view to_string(const SortOrder order) noexcept {
    switch (order) {
        case SortOrder::id: return "id";
        case SortOrder::value: return "value";
        case SortOrder::rate: return "rate";
        case SortOrder::label: return "label";
    }
    return "unknown";
}

std::string stat_heading(const DriverSnapshot& snapshot) {
    std::string text = fmt::format("{} - Aeron Stat (CnC v{}), pid {}", local_time(snapshot.taken_ms),
                                   snapshot.constants.cnc_version.to_string(), snapshot.constants.pid);
    if (const auto age_ms = snapshot.heartbeat_age_ms()) {
        text += fmt::format(", heartbeat age {}ms", *age_ms);
    }
    if (snapshot.state != DriverState::alive) {
        text += fmt::format(", {}", to_string(snapshot.state));
    }
    return text;
}

std::vector<Line> stat_lines(const DriverSnapshot& snapshot, const StatView& view, const CounterRates& rates) {
    return view.is_by_stream ? table_of_streams(snapshot, view, rates) : counter_lines(snapshot, view, rates);
}

nlohmann::json stat_as_json(const DriverSnapshot& snapshot, const StatView& view, const CounterRates& rates) {
    nlohmann::json rows = nlohmann::json::array();
    if (view.is_by_stream) {
        rows = parties_as_json(select_streams(snapshot, view, rates), rates);
    } else {
        for (const CounterRow* const counter : select_counters(snapshot, view, rates)) {
            nlohmann::json row = *counter;
            if (const auto rate = rates.of(*counter)) {
                row["per_second"] = *rate;
            }
            rows.push_back(std::move(row));
        }
    }
    const auto interval_s = rates.interval_s();
    return {{"driver", driver_as_json(snapshot)},
            {"interval_s", interval_s ? nlohmann::json(*interval_s) : nlohmann::json(nullptr)},
            {view.is_by_stream ? "streams" : "counters", std::move(rows)}};
}

}  // namespace cpperon::tools
