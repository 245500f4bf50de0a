#include "cpperon/net/simulated_link.hpp"

#include <algorithm>

#include "cpperon/net/simulated_chance.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net {

namespace {

std::int64_t time_for(const std::size_t length, const std::int64_t bytes_per_second) noexcept {
    return static_cast<std::int64_t>(length) * 1'000'000'000 / bytes_per_second;
}

std::byte any_byte(RandomSource& random) noexcept {
    return static_cast<std::byte>(random.next_u64() >> 56U);
}

void flip_bits(std::vector<std::byte>& datagram, RandomSource& random) {
    const std::int64_t bits = static_cast<std::int64_t>(datagram.size()) * 8;
    for (std::int64_t flips = between(random, 1, 8); flips > 0; --flips) {
        const auto bit = static_cast<std::size_t>(between(random, 0, bits - 1));
        datagram[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    }
}

void change_length(std::vector<std::byte>& datagram, const std::int64_t length, RandomSource& random) {
    const std::size_t old_length = datagram.size();
    datagram.resize(static_cast<std::size_t>(length));
    for (std::size_t i = old_length; i < datagram.size(); ++i) {
        datagram[i] = any_byte(random);
    }
}

}  // namespace

Passage SimulatedLink::pass(const std::size_t length, const std::int64_t now_ns, RandomSource& random) {
    ++statistics.sent;
    statistics.bytes_sent += length;
    if (faults.is_cut) {
        ++statistics.cut;
        return {};
    }
    if (happens(random, faults.loss_rate)) {
        ++statistics.lost;
        return {};
    }
    if (queue_overflows(length, now_ns)) {
        ++statistics.queue_overflows;
        return {};
    }
    std::int64_t departure_ns = now_ns;
    if (faults.bytes_per_second > 0) {
        departure_ns = std::max(now_ns, free_at_ns_) + time_for(length, faults.bytes_per_second);
        free_at_ns_ = departure_ns;
    }
    Passage passage;
    passage.copies[passage.count++] = travel(departure_ns, random);
    if (happens(random, faults.duplication_rate)) {
        ++statistics.duplicated;
        passage.copies[passage.count++] = travel(departure_ns, random);
    }
    return passage;
}

bool SimulatedLink::queue_overflows(const std::size_t length, const std::int64_t now_ns) const noexcept {
    if (faults.bytes_per_second <= 0 || free_at_ns_ <= now_ns) {
        return false;
    }
    const std::int64_t longest_wait_ns =
        time_for(static_cast<std::size_t>(faults.max_queue_length), faults.bytes_per_second);
    return free_at_ns_ + time_for(length, faults.bytes_per_second) - now_ns > longest_wait_ns;
}

Passage::Copy SimulatedLink::travel(const std::int64_t departure_ns, RandomSource& random) {
    Passage::Copy copy{.arrival_ns = departure_ns + between(random, faults.min_delay_ns, faults.max_delay_ns)};
    copy.arrival_ns = std::max(copy.arrival_ns, last_arrival_ns_);
    if (happens(random, faults.reordering_rate)) {
        ++statistics.reordered;
        copy.arrival_ns += between(random, 1, faults.max_reordering_delay_ns);
    } else {
        last_arrival_ns_ = copy.arrival_ns;
    }
    copy.is_corrupted = happens(random, faults.corruption_rate);
    if (copy.is_corrupted) {
        ++statistics.corrupted;
    }
    return copy;
}

void corrupt(std::vector<std::byte>& datagram, RandomSource& random) {
    const auto length = static_cast<std::int64_t>(datagram.size());
    switch (between(random, 0, 7)) {
        case 0: change_length(datagram, between(random, 1, length), random); break;
        case 1:
            change_length(datagram, std::min<std::int64_t>(length + between(random, 1, 64), max_datagram_length),
                          random);
            break;
        case 2: std::generate(datagram.begin(), datagram.end(), [&random] { return any_byte(random); }); break;
        default: flip_bits(datagram, random); break;
    }
}

}  // namespace cpperon::net
