/// Which counters `stat` shows: options of its command line, and whether a counter is meant. spec: 06 §24.1
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tools/snapshot.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): it is theirs
class App;
}

namespace cpperon::tools {

/// A counter is shown if it fits each filter that was given; of several values of one filter, it fits any.
class CounterFilter {
public:
    CounterFilter();
    ~CounterFilter();
    CounterFilter(CounterFilter&&) noexcept;
    CounterFilter& operator=(CounterFilter&&) noexcept;

    /// `--type`, `--label`, `--stream`, `--session`, `--channel`, `--identity`. The object must not be moved until the
    /// command line was parsed.
    void add_to(CLI::App& command);

    [[nodiscard]] bool matches(const CounterRow& counter) const;

    std::vector<std::int32_t> types{};
    std::vector<std::int32_t> streams{};
    std::vector<std::int32_t> sessions{};
    std::vector<std::int64_t> identities{};  ///< of a system counter its id, of others the registration id

    // Regular expressions, ECMAScript, found anywhere. Throw `InvalidArgumentError` for one that is none.
    void set_label(const std::string& pattern);
    void set_channel(const std::string& pattern);

private:
    struct Patterns;
    std::unique_ptr<Patterns> patterns_;
};

}  // namespace cpperon::tools
