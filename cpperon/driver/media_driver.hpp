/// A media driver inside this process: takes possession of an Aeron directory, runs the agents on threads or lets the
/// program step them, and leaves the directory as clients expect it. spec: 06 §2, §5, §6
#pragma once

#include <memory>
#include <string>

#include "cpperon/driver/context.hpp"

namespace cpperon {

/// Who runs the main loop: the conductor's, or with `shared` and `invoker` that of the whole driver. spec: 06 §2.2
enum class MainLoop {
    on_own_thread,
    by_caller,  ///< the program calls `do_work` and `idle`; other agents still have their threads
};

/// A running driver; the destructor closes it. Any number of them can live in one process, each on its own directory.
/// Movable; a moved-from driver is closed.
///
/// Threads: `do_work`, `idle` and `close` one at a time, and `close` not within `do_work`, hence not in the termination
/// hook; the rest any.
class MediaDriver {
public:
    /// Starts: when it returns, clients can attach. Throws, with nothing left behind:
    /// `InvalidArgumentError` for settings that are out of range or contradict each other, before the disk is touched,
    /// and for `invoker` with `MainLoop::on_own_thread`; `ActiveDriverError` if a driver is alive on the directory,
    /// which is left untouched; `IoError` where the system refuses. spec: 06 §5
    explicit MediaDriver(DriverContext context, MainLoop main_loop = MainLoop::on_own_thread);

    MediaDriver(MediaDriver&&) noexcept;
    MediaDriver& operator=(MediaDriver&&) noexcept;
    ~MediaDriver();

    /// One duty cycle of the main loop; how much was done. 0 with `MainLoop::on_own_thread` and when closed.
    int do_work();

    /// What the main loop does after a cycle: pauses as its idle strategy says when there was no work.
    void idle(int work_count);

    /// Stops the agents, deletes the logs, tells clients that the driver is gone, and deletes the directory if it was
    /// asked to. Clients that still map its files keep working on their mappings. A second close has no effect.
    /// spec: 06 §6.1
    void close();

    /// True after `close`, and for a moved-from driver.
    [[nodiscard]] bool is_closed() const noexcept { return running_ == nullptr; }

    /// Where clients find this driver; also known when it is closed.
    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }

private:
    class Running;

    std::string directory_;
    std::unique_ptr<Running> running_;
};

}  // namespace cpperon
