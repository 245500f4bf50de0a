#include "cpperon/driver/event_log/event_selection.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "cpperon/base/parse_value.hpp"

namespace cpperon::driver {

namespace {

constexpr std::string_view white_space = " \t";

std::string_view trimmed(const std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(white_space);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(white_space) + 1 - first);
}

EventSet admin_events() noexcept {
    EventSet events = EventSet::all();
    events.remove(
        {EventId::frame_in, EventId::frame_out, EventId::add_dynamic_dissector, EventId::dynamic_dissector_event});
    return events;
}

/// From before there were names.
EventSet events_of_mask(const std::int64_t mask) noexcept {
    constexpr std::int64_t everything = 0xffff;
    if (mask >= everything) {
        return EventSet::all();
    }
    const auto has = [mask](const std::int64_t bits) { return (mask & bits) != 0; };
    EventSet events;
    if (has(0x1)) {
        events.add(EventSet::commands_in());
    }
    if (has(0x2)) {
        events.add(EventSet::commands_out());
    }
    if (has(0x4)) {
        events.add(EventId::frame_in);
    }
    if (has(0x8 | 0x10)) {
        events.add(EventId::frame_out);
    }
    if (has(0x80)) {
        events.add(EventId::untethered_subscription_state_change);
    }
    return events;
}

/// One of the list; nothing if it is unknown.
std::optional<EventSet> events_of(const std::string_view item) {
    if (item == "all") {
        return EventSet::all();
    }
    if (item == "admin") {
        return admin_events();
    }
    if (const std::optional<EventId> id = find_event(item)) {
        return EventSet{*id};
    }
    if (item.starts_with("0x") || item.starts_with("0X")) {
        const Result<std::int64_t> mask = try_parse_int64(item);
        return mask ? std::optional{events_of_mask(*mask)} : std::nullopt;
    }
    if (const Result<std::int64_t> number = try_parse_decimal_int64(item); number && *number > 0 && *number < 64) {
        const EventId id{static_cast<std::int32_t>(*number)};
        return to_string(id).empty() ? std::nullopt : std::optional{EventSet{id}};
    }
    return std::nullopt;
}

}  // namespace

EventSet parse_event_selection(const std::string_view text, const std::function<void(std::string_view)>& on_unknown) {
    EventSet selection;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string_view item = trimmed(text.substr(begin, end - begin));
        begin = end + 1;
        if (item.empty()) {
            continue;
        }
        if (const std::optional<EventSet> events = events_of(item)) {
            selection.add(*events);
        } else {
            on_unknown(item);
        }
    }
    return selection;
}

}  // namespace cpperon::driver
