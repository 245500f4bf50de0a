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

    /// Counters that belong to channels and streams.
    [[nodiscard]] std::size_t count_stream_counters() const;
    [[nodiscard]] std::size_t count_clients() const;
    [[nodiscard]] std::size_t count_log_files() const;
    /// No more bytes are mapped than when it was attached. spec: 06-C65
    [[nodiscard]] bool has_unmapped_all() const;
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
    /// Id, type, registration id, reference id: what makes a counter the same counter.
    using CounterIdentity = std::tuple<std::int32_t, std::int32_t, std::int64_t, std::int64_t>;

    [[nodiscard]] std::int64_t mapped_bytes() const;
    void note(const CounterView& counter);
    void check_monotonic(const CounterView& counter);
    void check_publications();
    void check_images();

    Host& host_;
    Verdict& verdict_;
    Rules rules_;
    std::optional<shm::CncFile> cnc_;
    CountersReader counters_;
    std::int64_t mapped_bytes_at_first_ = 0;
    std::map<CounterIdentity, std::int64_t> highest_;
    // Of the check under way.
    std::map<std::int64_t, Publication> publications_;
    std::map<std::int64_t, Image> images_;
    std::vector<std::pair<std::int64_t, std::int64_t>> subscriber_positions_;  // of which image, where
    std::map<NetworkStream, std::int64_t> sent_;
    std::map<NetworkStream, std::int64_t> received_;
};

}  // namespace cpperon::sim
