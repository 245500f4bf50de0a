#include "cpperon/driver/name_resolution/csv_name_resolver.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/shm/counter_keys.hpp"
#include "cpperon/shm/counter_types.hpp"

namespace cpperon::driver {

namespace {

/// What the counter of a row says. spec: 06 §16.2
constexpr std::int64_t operation_fail = -1;
constexpr std::int64_t operation_re_resolution_host = 1;

/// Takes the text up to `separator` off the front.
std::string_view take_until(const char separator, std::string_view& rest) noexcept {
    const std::size_t length = std::min(rest.find(separator), rest.size());
    const std::string_view part = rest.substr(0, length);
    rest.remove_prefix(std::min(length + 1, rest.size()));
    return part;
}

}  // namespace

CsvNameResolver::CsvNameResolver(std::string_view table, net::NameResolver& system, shm::CountersManager& counters)
    : system_(system) {
    if (table.empty()) {
        throw InvalidArgumentError(
            "the csv_table name resolver needs its table in aeron.name.resolver.init.args: "
            "'name,initial host,re-resolution host', rows separated by '|'");
    }
    while (!table.empty()) {
        add_row(take_until('|', table), counters);
    }
}

void CsvNameResolver::add_row(const std::string_view text, shm::CountersManager& counters) {
    std::string_view rest = text;
    const std::string_view name = take_until(',', rest);
    const std::string_view initial_host = take_until(',', rest);
    const std::string_view re_resolution_host = take_until(',', rest);
    if (name.empty() || initial_host.empty() || re_resolution_host.empty() || std::ranges::count(text, ',') != 2) {
        throw InvalidArgumentError(fmt::format(
            "a row of aeron.name.resolver.init.args is 'name,initial host,re-resolution host', not '{}'", text));
    }
    if (rows_.contains(name)) {
        throw InvalidArgumentError(fmt::format("aeron.name.resolver.init.args has two rows for '{}'", name));
    }
    const CounterKey key = NameEntryKey{.name = std::string{name}}.encode();
    const std::string label = fmt::format("NameEntry{{name='{}', initialResolutionHost='{}', reResolutionHost='{}'}}",
                                          name, initial_host, re_resolution_host);
    rows_.emplace(name, Row{.initial_host = std::string{initial_host},
                            .re_resolution_host = std::string{re_resolution_host},
                            .operation = OwnedCounter::allocate(
                                counters, {.type_id = counter_type::name_entry, .key = key, .label = label})});
}

Result<net::SocketAddress> CsvNameResolver::resolve(const std::string_view key, const std::string_view host,
                                                    const bool is_re_resolution) {
    const auto row = rows_.find(host);
    if (row == rows_.end()) {
        return system_.resolve(key, host, is_re_resolution);
    }
    const std::int64_t operation = row->second.operation.get();
    if (operation == operation_fail) {
        return ErrorInfo{.code = ErrorCode::unknown_host,
                         .message = fmt::format("Unable to resolve host=({}): its counter forbids it", host)};
    }
    const std::string& target =
        operation == operation_re_resolution_host ? row->second.re_resolution_host : row->second.initial_host;
    if (const auto literal = net::SocketAddress::try_parse(target, 0)) {
        return *literal;
    }
    return system_.resolve(key, target, is_re_resolution);
}

}  // namespace cpperon::driver
