#include "cpperon/net/system_socket_poller.hpp"

#include <algorithm>
#include <array>
#include <sys/epoll.h>

#include "cpperon/net/system_udp_socket.hpp"

namespace cpperon::net {

void SystemSocketPoller::add(UdpSocket& socket, ReceiveHandler& handler) {
    const int descriptor = static_cast<SystemUdpSocket&>(socket).descriptor();
    entries_.push_back(std::make_unique<Entry>(Entry{&socket, descriptor, &handler, {}}));
    if (epoll_.is_open()) {
        watch(*entries_.back());
    }
    choose_way();
}

void SystemSocketPoller::remove(UdpSocket& socket) {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&socket](const auto& entry) { return entry->socket == &socket; });
    if (found == entries_.end()) {
        return;
    }
    if (epoll_.is_open()) {
        ::epoll_ctl(epoll_.value(), EPOLL_CTL_DEL, (*found)->descriptor, nullptr);
    }
    entries_.erase(found);
    choose_way();
}

void SystemSocketPoller::choose_way() {
    const bool are_many = entries_.size() > max_sockets_asked_directly;
    if (are_many == epoll_.is_open()) {
        return;
    }
    if (!are_many) {
        epoll_.close();
        return;
    }
    epoll_ = FileDescriptor{::epoll_create1(EPOLL_CLOEXEC)};
    for (const auto& entry : entries_) {
        watch(*entry);
    }
}

void SystemSocketPoller::watch(Entry& entry) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &entry;
    if (::epoll_ctl(epoll_.value(), EPOLL_CTL_ADD, entry.descriptor, &event) != 0) {
        epoll_.close();  // no descriptors or no memory: all can still be asked one by one
    }
}

std::int64_t SystemSocketPoller::poll() {
    if (epoll_.is_open()) {
        return poll_ready();
    }
    std::int64_t bytes = 0;
    for (const auto& entry : entries_) {
        bytes += receiver_.receive(entry->descriptor, *entry->handler, entry->traffic);
    }
    return bytes;
}

std::int64_t SystemSocketPoller::poll_ready() {
    // When more are ready the kernel begins with the others at the next call.
    std::array<epoll_event, 64> events;
    const int count = ::epoll_wait(epoll_.value(), events.data(), static_cast<int>(events.size()), 0);
    std::int64_t bytes = 0;
    for (int i = 0; i < count; ++i) {
        auto& entry = *static_cast<Entry*>(events[static_cast<std::size_t>(i)].data.ptr);
        bytes += receiver_.receive(entry.descriptor, *entry.handler, entry.traffic);
    }
    return bytes;
}

}  // namespace cpperon::net
