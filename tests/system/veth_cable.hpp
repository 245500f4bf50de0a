/// Two hosts and the cable between them: network namespaces of this process with a veth pair. Its MTU is 1,500, that of
/// an Ethernet; the loopback interface, whose MTU is 65,536, refuses nothing. Needs root and `ip`.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sched.h>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "cpperon/net/file_descriptor.hpp"

namespace cpperon::system_test {

inline bool shell(const std::string& command) {
    return std::system((command + " 2>/dev/null").c_str()) == 0;
}

/// A network namespace: interfaces, addresses, ports. Sockets stay in that in which they were opened; threads and
/// processes begin in that of the thread which starts them.
class NetworkNamespace {
public:
    /// A new one, or nothing (`exists()`) where this process may not have it.
    [[nodiscard]] static NetworkNamespace create() {
        const NetworkNamespace here = current();
        if (!here.exists() || ::unshare(CLONE_NEWNET) != 0) {
            return NetworkNamespace{net::FileDescriptor{}};
        }
        NetworkNamespace created = current();
        here.enter();
        return created;
    }
    [[nodiscard]] bool exists() const { return descriptor_.is_open(); }
    /// For `ip`.
    [[nodiscard]] std::string path() const { return fmt::format("/proc/{}/fd/{}", ::getpid(), descriptor_.value()); }

    /// Calls `action` with the thread in this namespace.
    template <typename Action>
    decltype(auto) call(Action&& action) const {
        struct Return {
            NetworkNamespace here = current();
            ~Return() { here.enter(); }
        } const return_afterwards;
        enter();
        return action();
    }

private:
    explicit NetworkNamespace(net::FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {}

    [[nodiscard]] static NetworkNamespace current() {
        return NetworkNamespace{net::FileDescriptor{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)}};
    }
    void enter() const {
        if (::setns(descriptor_.value(), CLONE_NEWNET) != 0) {
            throw std::system_error(errno, std::generic_category(), "cannot enter a network namespace");
        }
    }

    net::FileDescriptor descriptor_;
};

/// What a test says where there can be no cable.
inline constexpr std::string_view no_cable =
    "making network namespaces with a veth pair needs root, 'ip' and the veth driver";

class Cable {
public:
    Cable() {
        is_ready_ = left_.exists() && right_.exists() && left_.call([&] {
            return shell("ip link add left mtu 1500 type veth peer name right mtu 1500 netns " + right_.path()) &&
                   shell("ip address add 10.77.0.1/24 dev left") && shell("ip link set left up");
        }) && right_.call([] {
            return shell("ip address add 10.77.0.2/24 dev right") && shell("ip link set right up");
        });
        has_ipv6_ = is_ready_ && on_both("ip address add {ipv6}/64 dev {device} nodad");
    }

    [[nodiscard]] bool is_ready() const { return is_ready_; }
    [[nodiscard]] bool has_ipv6() const { return has_ipv6_; }
    /// 10.77.0.1, [fd00:77::1]
    [[nodiscard]] const NetworkNamespace& left() const { return left_; }
    /// 10.77.0.2, [fd00:77::2]
    [[nodiscard]] const NetworkNamespace& right() const { return right_; }

    /// Runs a command at each end, for its `{device}`; whether both succeeded.
    [[nodiscard]] bool on_both(const std::string_view command) const {
        const auto run = [&](const std::string_view device, const std::string_view ipv6) {
            return shell(fmt::format(fmt::runtime(command), fmt::arg("device", device), fmt::arg("ipv6", ipv6)));
        };
        return left_.call([&] { return run("left", "fd00:77::1"); }) &&
               right_.call([&] { return run("right", "fd00:77::2"); });
    }

private:
    NetworkNamespace left_ = NetworkNamespace::create();
    NetworkNamespace right_ = NetworkNamespace::create();
    bool is_ready_ = false;
    bool has_ipv6_ = false;
};

}  // namespace cpperon::system_test
