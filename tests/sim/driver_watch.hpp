/// Looks at a driver from outside, through its counters, files and error log, and checks what must hold at any moment.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/counters_reader.hpp"
#include "sim/verdict.hpp"
#include "sim/world.hpp"

namespace cpperon::sim {

/// A stream on the network, as counters name it.
struct NetworkStream {
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;

    friend auto operator<=>(const NetworkStream&, const NetworkStream&) = default;
};

/// What a driver has for its clients at a moment.
struct Holdings {
    std::int64_t mapped_bytes = 0;  ///< system counter 35
    std::size_t counters = 0;       ///< all but the system's and the clients'
    std::size_t clients = 0;
    std::size_t log_files = 0;
    std::size_t sockets = 0;

    friend bool operator==(const Holdings&, const Holdings&) = default;
};

class DriverWatch {
public:
    struct Rules {
        std::int32_t term_length = 65'536;  ///< of all network publications
        bool limit_only_rises = true;       ///< flow control is `max` everywhere
        bool is_corrupting = false;         ///< damaged datagrams are counted and reported
        std::vector<std::string> expected_errors;
    };

    DriverWatch(Host& host, Verdict& verdict, Rules rules);

    /// Its driver has just been started.
    void attach();
    void detach() noexcept { cnc_.reset(); }
    [[nodiscard]] bool is_attached() const noexcept { return cnc_.has_value(); }

    /// Between two rounds.
    void check();
    /// Nothing unexpected was counted or reported.
    void check_errors();

    /// Where each stream has been sent to, and received up to, when last checked.
    [[nodiscard]] const std::map<NetworkStream, std::int64_t>& sent() const noexcept { return sent_; }
    [[nodiscard]] const std::map<NetworkStream, std::int64_t>& received() const noexcept { return received_; }

    [[nodiscard]] Holdings holdings() const;
    /// It has neither more nor less than it had then; of clients only if they are to count.
    [[nodiscard]] bool has_just(const Holdings& before, bool with_clients) const;
    [[nodiscard]] std::size_t count_log_files() const;
    /// Files and counters, for a failure's text.
    [[nodiscard]] std::string describe() const;
    [[nodiscard]] std::int64_t system_counter(std::int32_t id) const;

private:
    struct Publication {
        std::optional<std::int64_t> sender_position;
        std::optional<std::int64_t> sender_limit;
        std::optional<std::int64_t> publisher_limit;
    };
    struct Image {
        std::optional<std::int64_t> position;
        std::optional<std::int64_t> high_water_mark;
    };
    /// Type, registration id, reference id: what makes a counter with the same id the same counter.
    using CounterIdentity = std::tuple<std::int32_t, std::int64_t, std::int64_t>;
    struct Highest {
        CounterIdentity identity;
        std::int64_t value = 0;
    };

    /// What is looked at again and again; its text is needed for a failure only.
    struct SeenCounter {
        std::int32_t id = 0;
        std::int32_t type_id = 0;
        std::int64_t value = 0;
        std::int64_t registration_id = 0;
        std::int64_t reference_id = 0;
    };

    /// All but the system's.
    template <typename Use>
    void for_each_counter(Use&& use) const;
    [[nodiscard]] NetworkStream stream_of(const SeenCounter& counter) const;
    [[nodiscard]] Holdings holdings_but_files() const;
    void note(const SeenCounter& counter);
    void check_monotonic(const SeenCounter& counter);
    void check_publications();
    void check_images();

    Host& host_;
    Verdict& verdict_;
    Rules rules_;
    std::optional<shm::CncFile> cnc_;
    CountersReader counters_;
    std::vector<Highest> highest_;  // by counter id
    // Of the check under way.
    std::map<std::int64_t, Publication> publications_;
    std::map<std::int64_t, Image> images_;
    std::vector<std::pair<std::int64_t, std::int64_t>> subscriber_positions_;  // of which image, where
    std::map<NetworkStream, std::int64_t> sent_;
    std::map<NetworkStream, std::int64_t> received_;
};

}  // namespace cpperon::sim
