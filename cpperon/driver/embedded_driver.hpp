/// A media driver for the life of an object, for tests and for programs that bring their own. design §5
#pragma once

#include <string>

#include "cpperon/driver/context.hpp"
#include "cpperon/driver/media_driver.hpp"

namespace cpperon {

/// A `MediaDriver` that, where the context does not say otherwise, has one thread (`ThreadingMode::shared`) and a
/// directory of its own, which it deletes when it closes. The environment has no say.
///
///     cpperon::EmbeddedDriver driver;
///     auto aeron = cpperon::Aeron::connect({.directory = driver.directory()});
///
/// With `ThreadingMode::invoker` the program steps it: `driver.do_work()`.
class EmbeddedDriver {
public:
    /// Throws as `MediaDriver` does.
    explicit EmbeddedDriver(const DriverContext& context = {});

    /// Where its clients connect to.
    [[nodiscard]] const std::string& directory() const noexcept { return driver_.directory(); }

    /// One duty cycle with `ThreadingMode::invoker`, otherwise 0; one thread at a time.
    int do_work() { return driver_.do_work(); }

    /// As `MediaDriver::close`. The destructor does it too.
    void close() { driver_.close(); }

    /// True after `close`.
    [[nodiscard]] bool is_closed() const noexcept { return driver_.is_closed(); }

private:
    MediaDriver driver_;
};

}  // namespace cpperon
