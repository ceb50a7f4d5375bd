#include "bindings/cli/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "bindings/cli/chart_axis.h"
#include "bindings/cli/utf8.h"

namespace berth::cli {
namespace {

constexpr std::size_t kRowsMax = 600;
constexpr double kWidth = 960;
constexpr double kLeft = 70;
constexpr double kRight = 936;
constexpr double kTop = 92;
constexpr double kPanelGap = 52;
constexpr double kFoot = 58;

// Okabe and Ito's colours, which people see apart whatever their eyes; dashes tell lines apart in black and white.
struct Look {
  std::string_view name;  // As it stands in the names of columns.
  std::string_view shown;
  std::string_view colour;
  std::string_view dashes;
};
constexpr std::array<Look, 3> kResources = {
    {{"cpu", "CPU", "#0072B2", ""}, {"memory", "Memory", "#D55E00", "7 3"}, {"gpu", "GPU", "#009E73", "2 2"}}};
constexpr std::array<Look, 7> kReasons = {{{"cpu", "RESOURCE:CPU", "#0072B2", ""},
                                           {"memory", "RESOURCE:MEMORY", "#D55E00", ""},
                                           {"gpu", "RESOURCE:GPU", "#009E73", ""},
                                           {"member_of", "MemberOf", "#CC79A7", ""},
                                           {"distinct_instance", "DistinctInstance", "#E69F00", ""},
                                           {"agent", "AGENT", "#56B4E9", ""},
                                           {"other", "other", "#999999", ""}}};

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : escape_controls(std::string(text))) {
    switch (c) {
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '&':
        result += "&amp;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return first_invalid_byte(result) == std::string_view::npos ? result : "?";
}

// Of a legend's words, about.
double width_of(std::string_view text) {
  constexpr double kCapital = 9;
  constexpr double kOther = 6.8;
  const auto capitals = static_cast<double>(std::count_if(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
  return capitals * kCapital + (static_cast<double>(text.size()) - capitals) * kOther;
}

class Chart {
 public:
  explicit Chart(const StepsTable& steps) : steps_(steps) {
    const std::vector<double>& ends = steps_.ends();
    // An inflation begins with nothing demanded.
    x_axis_ = steps_.is_in_time() ? time_axis(ends.front(), ends.back()) : demand_axis(ends.back());
  }

  std::string draw(std::string_view title, std::string_view subtitle) {
    double top = kTop;
    draw_lines("Used, in percent of the capacity", "_used_pct", top, 190);
    top += 190 + kPanelGap;
    draw_lines("Free but fragmented, in percent of the capacity", "_fragmented_pct", top, 110);
    top += 110 + kPanelGap;
    draw_refusals(top, 130);
    top += 130;
    draw_x_labels(top);
    const double height = top + kFoot;
    return fmt::format(
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
               "font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\" font-size=\"12\" fill=\"#222222\">\n"
               "<title>{2}</title>\n<desc>{3}</desc>\n<rect width=\"{0}\" height=\"{1}\" fill=\"#FFFFFF\"/>\n"
               "<text x=\"{4}\" y=\"28\" font-size=\"17\" font-weight=\"bold\">{2}</text>\n"
               "<text x=\"{4}\" y=\"48\" fill=\"#555555\">{3}</text>\n",
               kWidth, height, escaped(title), escaped(subtitle), kLeft) +
           body_ + "</svg>\n";
  }

 private:
  [[nodiscard]] double x_of(double value) const {
    return kLeft + (kRight - kLeft) * (value - x_axis_.begin) / (x_axis_.end - x_axis_.begin);
  }
  [[nodiscard]] double row_begin(std::size_t row) const { return row == 0 ? x_axis_.begin : steps_.ends()[row - 1]; }

  // The frame of a panel: its title, the grid and the numbers on it.
  void draw_frame(std::string_view title, const Axis& axis, double top, double height) {
    body_ += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"13\" font-weight=\"bold\">{}</text>\n", kLeft, top - 12, title);
    for (const Axis::Tick& tick : axis.ticks) {
      const double y = top + height - height * tick.at / axis.end;
      body_ += fmt::format("<line x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", kLeft, y, kRight, y,
                           tick.at == 0 ? "#444444" : "#DDDDDD");
      body_ += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", kLeft - 8, y + 4, tick.label);
    }
    for (const Axis::Tick& tick : x_axis_.ticks) {
      body_ += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" stroke=\"#EEEEEE\"/>\n", x_of(tick.at), top,
                           top + height - 1);
    }
  }

  // From the right edge to the left, so that legends end where panels do.
  void draw_legend(const std::vector<Look>& looks, double top, bool is_line) {
    double x = kRight;
    for (auto look = looks.rbegin(); look != looks.rend(); ++look) {
      x -= width_of(look->shown);
      body_ += fmt::format("<text x=\"{:.1f}\" y=\"{}\">{}</text>\n", x, top - 12, look->shown);
      x -= 30;
      body_ += is_line
                   ? fmt::format("<line x1=\"{:.1f}\" y1=\"{}\" x2=\"{:.1f}\" y2=\"{}\" stroke=\"{}\" stroke-width=\"2\"{}/>\n", x,
                                 top - 16, x + 24, top - 16, look->colour, dashes(*look))
                   : fmt::format("<rect x=\"{:.1f}\" y=\"{}\" width=\"11\" height=\"11\" fill=\"{}\"/>\n", x + 13, top - 22, look->colour);
      x -= 14;
    }
  }

  static std::string dashes(const Look& look) { return look.dashes.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", look.dashes); }

  void draw_lines(std::string_view title, std::string_view suffix, double top, double height) {
    std::vector<Look> looks;
    double most = 0;
    for (const Look& look : kResources) {
      const std::string name(look.name);
      const std::vector<double> values = steps_.column(name + std::string(suffix));
      const double largest = *std::max_element(values.begin(), values.end());
      most = std::max(most, largest);
      // A resource that the fleet lacks is not drawn.
      const std::vector<double> used = steps_.column(name + "_used_pct");
      const std::vector<double> fragmented = steps_.column(name + "_fragmented_pct");
      const auto is_positive = [](double value) { return value > 0; };
      if (std::any_of(used.begin(), used.end(), is_positive) || std::any_of(fragmented.begin(), fragmented.end(), is_positive)) {
        looks.push_back(look);
      }
    }
    const Axis axis = value_axis(most, " %");
    draw_frame(title, axis, top, height);
    for (const Look& look : looks) {
      draw_line(look, steps_.column(std::string(look.name) + std::string(suffix)), axis, top, height);
    }
    draw_legend(looks, top, true);
  }

  // In time each row is a mean, and so a level from its begin to its end; an inflation's rows are points.
  void draw_line(const Look& look, const std::vector<double>& values, const Axis& axis, double top, double height) {
    std::string path;
    for (std::size_t row = 0; row < values.size(); ++row) {
      const double y = top + height - height * values[row] / axis.end;
      const char* verb = row == 0 ? "M" : "L";
      path += steps_.is_in_time() ? fmt::format("{}{:.1f} {:.1f}H{:.1f}", verb, x_of(row_begin(row)), y, x_of(steps_.ends()[row]))
                                  : fmt::format("{}{:.1f} {:.1f}", verb, x_of(steps_.ends()[row]), y);
    }
    body_ += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\" stroke-linejoin=\"round\"{}/>\n", path,
                         look.colour, dashes(look));
  }

  void draw_refusals(double top, double height) {
    const std::vector<double> refused = steps_.column("refused");
    const double most = *std::max_element(refused.begin(), refused.end());
    const Axis axis = value_axis(most, "");
    draw_frame(steps_.is_in_time() ? "Tasks refused in each step of time" : "Tasks refused in each step of demand", axis, top, height);
    if (most <= 0) {
      body_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"#555555\">No task was refused.</text>\n",
                           (kLeft + kRight) / 2, top + height / 2);
      return;
    }
    std::vector<double> stacked(refused.size());
    std::vector<Look> looks;
    for (const Look& look : kReasons) {
      const std::vector<double> counts = steps_.column("refused_" + std::string(look.name));
      if (std::any_of(counts.begin(), counts.end(), [](double count) { return count > 0; })) {
        looks.push_back(look);
        draw_bars(look, counts, stacked, axis, top, height);
      }
    }
    draw_legend(looks, top, false);
  }

  void draw_bars(const Look& look, const std::vector<double>& counts, std::vector<double>& stacked, const Axis& axis, double top,
                 double height) {
    constexpr double kWidthMin = 1.5;
    std::string path;
    for (std::size_t row = 0; row < counts.size(); ++row) {
      if (counts[row] > 0) {
        const double begin = x_of(row_begin(row));
        const double width = std::max(kWidthMin, x_of(steps_.ends()[row]) - begin - 0.4);
        const double bottom = top + height - height * stacked[row] / axis.end;
        stacked[row] += counts[row];
        path += fmt::format("M{:.1f} {:.1f}h{:.1f}V{:.1f}h{:.1f}z", begin, bottom, width, top + height - height * stacked[row] / axis.end,
                            -width);
      }
    }
    body_ += fmt::format("<path d=\"{}\" fill=\"{}\"/>\n", path, look.colour);
  }

  void draw_x_labels(double bottom) {
    for (const Axis::Tick& tick : x_axis_.ticks) {
      body_ += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" stroke=\"#444444\"/>\n", x_of(tick.at), bottom,
                           bottom + 5);
      body_ += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", x_of(tick.at), bottom + 20, tick.label);
    }
    body_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", (kLeft + kRight) / 2, bottom + 42, x_axis_.title);
  }

  const StepsTable& steps_;
  Axis x_axis_;
  std::string body_;
};

}  // namespace

std::string draw_chart(const StepsTable& steps, std::string_view title, std::string_view subtitle) {
  const StepsTable thinned = steps.thinned(kRowsMax);
  return Chart(thinned).draw(title, subtitle);
}

}  // namespace berth::cli
