#include "sim/driver_watch.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

#include "cpperon/driver/system_counters.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/error_log_reader.hpp"

namespace cpperon::sim {

namespace {

// spec: 06 §19.1
constexpr std::int32_t publisher_limit_type = 1;
constexpr std::int32_t sender_position_type = 2;
constexpr std::int32_t high_water_mark_type = 3;
constexpr std::int32_t subscriber_position_type = 4;
constexpr std::int32_t receiver_position_type = 5;
constexpr std::int32_t sender_limit_type = 9;
constexpr std::int32_t client_heartbeat_type = 11;
constexpr std::int32_t publisher_position_type = 12;
constexpr std::int32_t system_counter_type = 0;

/// More than any scenario needs: a driver that has them loses some.
constexpr std::size_t most_counters = 1'000;

bool never_falls(const std::int32_t type_id) noexcept {
    return type_id == sender_position_type || type_id == high_water_mark_type || type_id == subscriber_position_type ||
           type_id == receiver_position_type || type_id == publisher_position_type;
}

}  // namespace

DriverWatch::DriverWatch(Host& host, Verdict& verdict, Rules rules)
    : host_(host), verdict_(verdict), rules_(std::move(rules)) {}

void DriverWatch::attach() {
    shm::CncOpening opening = shm::CncFile::try_open(shm::cnc_path(host_.directory()), Access::read_only);
    if (!opening.file) {
        verdict_.fail("{}: {}", host_.name(), opening.error.message);
        return;
    }
    cnc_ = std::move(opening.file);
    counters_ = CountersReader{cnc_->counters_metadata(), cnc_->counters_values()};
    highest_.clear();
}

template <typename Use>
void DriverWatch::for_each_counter(Use&& use) const {
    for (std::int32_t id = 0; counters_.contains(id); ++id) {
        const CounterState state = counters_.state(id);
        if (state == CounterState::unused) {
            return;  // nothing follows
        }
        const std::int32_t type_id = counters_.type_id(id);
        if (state == CounterState::allocated && type_id != system_counter_type) {
            use(SeenCounter{.id = id,
                            .type_id = type_id,
                            .value = counters_.value(id),
                            .registration_id = counters_.registration_id(id),
                            .reference_id = counters_.reference_id(id)});
        }
    }
}

/// spec: 06 §19.3
NetworkStream DriverWatch::stream_of(const SeenCounter& counter) const {
    const CounterKey key = counters_.key(counter.id);
    NetworkStream stream;
    std::memcpy(&stream.session_id, key.data() + 8, sizeof stream.session_id);
    std::memcpy(&stream.stream_id, key.data() + 12, sizeof stream.stream_id);
    return stream;
}

void DriverWatch::check() {
    publications_.clear();
    images_.clear();
    subscriber_positions_.clear();
    sent_.clear();
    received_.clear();
    if (!cnc_) {
        return;
    }
    std::size_t count = 0;
    for_each_counter([&](const SeenCounter& counter) {
        ++count;
        note(counter);
    });
    if (count > most_counters) {
        verdict_.fail("{}: {} counters", host_.name(), count);
    }
    check_publications();
    check_images();
}

void DriverWatch::note(const SeenCounter& counter) {
    if (never_falls(counter.type_id)) {
        check_monotonic(counter);
    }
    switch (counter.type_id) {
        case publisher_limit_type: publications_[counter.registration_id].publisher_limit = counter.value; break;
        case sender_limit_type: publications_[counter.registration_id].sender_limit = counter.value; break;
        case sender_position_type:
            publications_[counter.registration_id].sender_position = counter.value;
            sent_[stream_of(counter)] = counter.value;
            break;
        case high_water_mark_type:
            images_[counter.registration_id].high_water_mark = counter.value;
            received_[stream_of(counter)] = counter.value;
            break;
        case receiver_position_type: images_[counter.registration_id].position = counter.value; break;
        case subscriber_position_type: subscriber_positions_.emplace_back(counter.reference_id, counter.value); break;
        default: break;
    }
}

void DriverWatch::check_monotonic(const SeenCounter& counter) {
    const auto id = static_cast<std::size_t>(counter.id);
    highest_.resize(std::max(highest_.size(), id + 1));
    const CounterIdentity identity{counter.type_id, counter.registration_id, counter.reference_id};
    Highest& highest = highest_[id];
    if (highest.identity == identity && counter.value < highest.value) {
        verdict_.fail("{}: counter {} '{}' fell from {} to {}", host_.name(), counter.id, counters_.label(counter.id),
                      highest.value, counter.value);
    }
    highest = {.identity = identity, .value = counter.value};
}

/// A padding frame may carry the sender beyond its limit, by less than the message that did not fit. A message that was
/// begun below the publisher's limit may end beyond it, and the limit of a closed publication is where it ended.
/// spec: 04 §6.5, §6.9, §6.10
void DriverWatch::check_publications() {
    const std::int64_t longest_message = rules_.term_length / 4;
    for (const auto& [id, publication] : publications_) {
        if (!publication.sender_position) {
            continue;  // IPC
        }
        if (rules_.limit_only_rises && publication.sender_limit &&
            *publication.sender_position > *publication.sender_limit + longest_message) {
            verdict_.fail("{}: publication {} was sent up to {}, its limit being {}", host_.name(), id,
                          *publication.sender_position, *publication.sender_limit);
        }
        if (publication.publisher_limit &&
            *publication.publisher_limit > *publication.sender_position + rules_.term_length / 2 + longest_message) {
            verdict_.fail("{}: publication {} may publish up to {}, having been sent up to {}", host_.name(), id,
                          *publication.publisher_limit, *publication.sender_position);
        }
    }
}

void DriverWatch::check_images() {
    for (const auto& [id, image] : images_) {
        if (image.position && image.high_water_mark && *image.position > *image.high_water_mark) {
            verdict_.fail("{}: image {} is complete up to {}, but received up to {}", host_.name(), id, *image.position,
                          *image.high_water_mark);
        }
    }
    for (const auto& [image_id, position] : subscriber_positions_) {
        const auto image = images_.find(image_id);
        if (image != images_.end() && image->second.high_water_mark && position > *image->second.high_water_mark) {
            verdict_.fail("{}: image {} was read up to {}, but received up to {}", host_.name(), image_id, position,
                          *image->second.high_water_mark);
        }
    }
}

void DriverWatch::check_errors() {
    if (!cnc_) {
        return;
    }
    std::vector<SystemCounter> must_be_zero{SystemCounter::receiver_proxy_fails,
                                            SystemCounter::sender_proxy_fails,
                                            SystemCounter::conductor_proxy_fails,
                                            SystemCounter::free_fails,
                                            SystemCounter::unblocked_commands,
                                            SystemCounter::possible_ttl_asymmetry,
                                            SystemCounter::native_resource_agent_proxy_fails};
    if (!rules_.is_corrupting) {
        must_be_zero.push_back(SystemCounter::invalid_packets);
    }
    for (const SystemCounter counter : must_be_zero) {
        if (const std::int64_t value = system_counter(static_cast<std::int32_t>(counter)); value != 0) {
            verdict_.fail("{}: system counter {} is {}", host_.name(), static_cast<std::int32_t>(counter), value);
        }
    }
    const int distinct = ErrorLogReader{cnc_->error_log()}.for_each([this](const ErrorObservation& error) {
        const bool is_expected =
            rules_.is_corrupting || std::ranges::any_of(rules_.expected_errors, [&](const std::string& text) {
                return error.text.find(text) != std::string_view::npos;
            });
        if (!is_expected) {
            verdict_.fail("{}: in the error log, {} times: {}", host_.name(), error.count, error.text);
        }
    });
    constexpr int most_distinct_errors = 100;
    if (distinct > most_distinct_errors) {
        verdict_.fail("{}: {} distinct errors", host_.name(), distinct);
    }
}

Holdings DriverWatch::holdings() const {
    Holdings holdings = holdings_but_files();
    holdings.log_files = count_log_files();
    return holdings;
}

bool DriverWatch::has_just(const Holdings& before, const bool with_clients) const {
    Holdings now = holdings_but_files();
    now.clients = with_clients ? now.clients : before.clients;
    now.log_files = before.log_files;
    return now == before && count_log_files() == before.log_files;
}

Holdings DriverWatch::holdings_but_files() const {
    Holdings holdings{.sockets = host_.network().socket_count()};
    if (cnc_) {
        holdings.mapped_bytes = system_counter(static_cast<std::int32_t>(SystemCounter::bytes_currently_mapped));
        for_each_counter([&holdings](const SeenCounter& counter) {
            ++(counter.type_id == client_heartbeat_type ? holdings.clients : holdings.counters);
        });
    }
    return holdings;
}

std::size_t DriverWatch::count_log_files() const {
    std::size_t count = 0;
    for (const char* const folder : {"publications", "images"}) {
        std::error_code ignored;
        const std::filesystem::directory_iterator files{host_.directory() + "/" + folder, ignored};
        count += static_cast<std::size_t>(std::distance(begin(files), end(files)));
    }
    return count;
}

std::string DriverWatch::describe() const {
    std::string text =
        fmt::format("{}: {} log files, {} sockets\n", host_.name(), count_log_files(), host_.network().socket_count());
    if (cnc_) {
        counters_.for_each([&](const CounterView& counter) {
            if (counter.type_id != system_counter_type || counter.value != 0) {
                text += fmt::format("{} {}: {} {}\n", host_.name(), counter.id, counter.value, counter.label);
            }
        });
    }
    return text;
}

std::int64_t DriverWatch::system_counter(const std::int32_t id) const {
    return cnc_ ? counters_.value(id) : 0;
}

}  // namespace cpperon::sim
