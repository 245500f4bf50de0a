/// Resolves names by a table whose rows a tool can switch while the driver runs: for tests of re-resolution. Used by
/// the native resource agent. spec: 06 §16.2, §19.9
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "cpperon/driver/conductor/owned_counter.hpp"
#include "cpperon/net/name_resolver.hpp"
#include "cpperon/shm/counters_manager.hpp"

namespace cpperon::driver {

class CsvNameResolver final : public net::NameResolver {
public:
    /// `table`: `name,initial host,re-resolution host`, rows separated by `|`. Allocates a counter for each row, whose
    /// value says what its name stands for: 0 the initial host, 1 the other one, -1 nothing. Throws
    /// `InvalidArgumentError` for a table that is missing or malformed. Both references must outlive the object.
    CsvNameResolver(std::string_view table, net::NameResolver& system, shm::CountersManager& counters);

    [[nodiscard]] std::string_view name() const noexcept override { return "csv_table"; }
    /// Names that are not in the table are left to the system's resolver.
    [[nodiscard]] Result<net::SocketAddress> resolve(std::string_view key, std::string_view host,
                                                     bool is_re_resolution) override;

private:
    struct Row {
        std::string initial_host;
        std::string re_resolution_host;
        OwnedCounter operation;
    };

    void add_row(std::string_view text, shm::CountersManager& counters);

    net::NameResolver& system_;
    std::map<std::string, Row, std::less<>> rows_;
};

}  // namespace cpperon::driver
