#include "matcher/hash_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/text/dictionary.h"
#include "matcher/text/hash.h"
#include "matcher/text/normalize.h"
#include "matcher/text/parse_function.h"
#include "matcher/text/parse_major.h"
#include "matcher/text/segmenter.h"

namespace gradmatch {
namespace {

// A change of anything in this file that changes an embedding changes this.
constexpr std::string_view kFeatures = "f1";

// Terms that are no feature, whatever else they are. Places are a matter of
// columns and filters, and 籍贯 must not come in through them.
constexpr TermKinds kDropped =
    kStopTerm | kSensitiveTerm | kSchoolTerm | kRegionTerm | kNumberTerm;

// Weight of a word by what we know of it.
constexpr float kSkillWeight = 1.4f;
constexpr float kTermWeight = 1.2f;
constexpr float kLatinWeight = 1.0f;
constexpr float kBigramWeight = 0.6f;

// Weight of a code by its level: 08, 0809, 080901. The first level of functions
// holds what little has in common (10 其他).
constexpr float kMajorLevel[] = {0, 0.35f, 0.8f, 1.0f};
constexpr float kFunctionLevel[] = {0, 0.15f, 0.8f, 1.0f};
// Codes are few, so that two of them meeting in one of few places would weigh
// much; they are spread wider than words.
constexpr uint32_t kCodePlaces = 16;
// A function stated, found in the title, and typical of a major with weight 3.
constexpr float kStated = 1.0f;
constexpr float kFromTitle = 0.9f;
constexpr float kTypical = 0.6f;
// By weight of data/major_functions.tsv: steep, so that a long list does not
// drown what comes first.
constexpr float kTypicalWeight[] = {0, 0.25f, 0.55f, 1.0f};

// Sparse features in order of their first appearance, so that sums do not
// depend on anything else. Reused from row to row.
class FeatureMap {
 public:
  FeatureMap() : slots_(1024, 0) {}

  void Clear() {
    std::fill(slots_.begin(), slots_.end(), 0);
    features_.clear();
  }
  struct Feature {
    uint64_t key = 0;
    float weight = 0;
    float kind = 0;  // weight of one occurrence; of a field's words only
  };
  Feature& At(uint64_t key) {
    if (features_.size() * 2 >= slots_.size()) Grow();
    uint32_t& slot = slots_[Place(key)];
    if (slot == 0) {
      features_.push_back({key});
      slot = static_cast<uint32_t>(features_.size());
    }
    return features_[slot - 1];
  }
  const std::vector<Feature>& features() const { return features_; }

 private:
  // The slot that holds `key` or is free for it.
  size_t Place(uint64_t key) const {
    const size_t mask = slots_.size() - 1;
    size_t at = key & mask;
    while (slots_[at] != 0 && features_[slots_[at] - 1].key != key) {
      at = (at + 1) & mask;
    }
    return at;
  }
  void Grow() {
    slots_.assign(slots_.size() * 2, 0);
    for (size_t i = 0; i < features_.size(); ++i) {
      slots_[Place(features_[i].key)] = static_cast<uint32_t>(i + 1);
    }
  }

  std::vector<uint32_t> slots_;  // 1 + place in features_; 0 is free
  std::vector<Feature> features_;
};

class HashEncoder final : public Encoder {
 public:
  explicit HashEncoder(const HashEncoderOptions& options)
      : options_(options), dictionary_(Dictionary::Default()) {
    info_.id = Id();
    info_.dimension = options.dimension;
    info_.max_chars = options.max_chars;
    for (uint32_t term = 0; term < dictionary_.size(); ++term) {
      TermFeature feature;
      const TermKinds kinds = dictionary_.kinds(term);
      feature.weight = (kinds & kDropped) != 0     ? 0
                       : (kinds & kSkillTerm) != 0 ? kSkillWeight
                                                   : kTermWeight;
      // Spellings of one skill are one feature.
      for (const Meaning& m : dictionary_.meanings(term)) {
        if (m.kind == kSkillTerm && feature.key == 0) {
          feature.key = StableHash(MatchingForm(m.code), kWordSeed);
        }
      }
      terms_.push_back(feature);
    }
  }

  const EncoderInfo& info() const override { return info_; }

  absl::Status Encode(std::span<const EncoderInput> input, Side side,
                      std::span<float> out) const override {
    const size_t dimension = options_.dimension;
    if (out.size() != input.size() * dimension) {
      return absl::InvalidArgumentError(absl::StrCat(
          "encoder: output of ", out.size(), " numbers for ", input.size(),
          " inputs; it must be ", input.size() * dimension));
    }
    Scratch scratch;
    for (size_t i = 0; i < input.size(); ++i) {
      const absl::Status status = EncodeOne(
          input[i], side, scratch, out.subspan(i * dimension, dimension));
      if (!status.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("encoder: input ", i, " ", status.message()));
      }
    }
    return absl::OkStatus();
  }

 private:
  static constexpr uint64_t kWordSeed = 1;
  static constexpr uint64_t kMajorSeed = 2;
  static constexpr uint64_t kFunctionSeed = 3;

  struct TermFeature {
    uint64_t key = 0;  // 0: the hash of its text
    float weight = 0;
  };
  struct Scratch {
    std::vector<Token> tokens;
    FeatureMap field;
    FeatureMap words;
    FeatureMap majors;
    FeatureMap functions;
    std::vector<float> block;
  };

  // The stateless identity: everything that decides what comes out.
  std::string Id() const {
    std::string all = absl::StrCat(
        A(kFeatures), " ", options_.dimension, " ", options_.places, " ",
        options_.max_chars, " ", options_.title, " ", options_.description, " ",
        options_.requirements, " ", options_.skills, " ", options_.major_codes,
        " ", options_.function_codes, " ", A(Dictionary::Version()));
    char hex[17];
    std::snprintf(hex, sizeof hex, "%016llx",
                  static_cast<unsigned long long>(StableHash(all)));
    return std::string("hash-1.").append(hex, 12);
  }

  absl::StatusOr<std::string> Form(std::string_view text,
                                   std::string_view field) const {
    // Cut before normalising bounds the work; UTF-8 is checked in what is read.
    absl::StatusOr<std::string> form =
        Normalize(CutUtf8(text, options_.max_chars), TextForm::kMatching);
    if (form.ok()) return form;
    return absl::InvalidArgumentError(
        absl::StrCat(A(field), ": ", form.status().message()));
  }

  void AddWords(std::string_view form, float weight, Scratch& s) const {
    if (form.empty() || weight <= 0) return;
    Segment(form, dictionary_, Grain::kFine, s.tokens);
    s.field.Clear();
    for (const Token& token : s.tokens) {
      uint64_t key = 0;
      float kind = 0;
      if (token.term != kNoTerm) {
        key = terms_[token.term].key;
        kind = terms_[token.term].weight;
      } else if ((token.kinds & kLatinTerm) != 0) {
        kind = kLatinWeight;
      } else if ((token.kinds & kHanTerm) != 0 && token.size > 3) {
        kind = kBigramWeight;  // one character alone says too little
      }
      if (kind == 0) continue;
      if (key == 0) key = StableHash(token.text(form), kWordSeed);
      FeatureMap::Feature& feature = s.field.At(key);
      feature.weight += 1;
      feature.kind = kind;
    }
    for (const FeatureMap::Feature& f : s.field.features()) {
      const float damped = f.weight == 1 ? 1 : 1 + std::log(f.weight);
      s.words.At(f.key).weight += weight * f.kind * damped;
    }
  }

  void AddMajor(std::string_view system, std::string_view code, Side side,
                Scratch& s) const {
    const CodeTable& table = *CodeTable::BuiltIn("undergraduate");
    const CodeEntry* entry = table.Find(NearestUndergraduate(system, code));
    if (entry == nullptr) return;
    for (const CodeEntry* e = entry; e != nullptr; e = table.Parent(*e)) {
      float& weight = s.majors.At(StableHash(e->code, kMajorSeed)).weight;
      weight = std::max(weight, kMajorLevel[std::min(e->level, 3)]);
    }
    if (side != Side::kProfile) return;
    for (const TypicalFunction& f :
         TypicalFunctions("undergraduate", entry->code)) {
      AddFunction(f.function, kTypical * kTypicalWeight[f.weight], s);
    }
  }

  void AddFunction(std::string_view code, float weight, Scratch& s) const {
    const CodeTable& table = *CodeTable::BuiltIn("function");
    for (const CodeEntry* e = table.Find(code); e != nullptr;
         e = table.Parent(*e)) {
      float& sum = s.functions.At(StableHash(e->code, kFunctionSeed)).weight;
      sum = std::max(sum, weight * kFunctionLevel[std::min(e->level, 3)]);
    }
  }

  void AddFunctionsOf(std::string_view text, Scratch& s) const {
    const Parsed<std::vector<std::string>> parsed = ParseFunctions(text);
    if (!parsed.understood()) return;
    float weight = kFromTitle;
    for (const std::string& code : *parsed.value) {
      AddFunction(code, weight, s);
      weight *= 0.7f;  // the first is the most telling
    }
  }

  // Adds the block scaled to length `length`.
  void AddBlock(const FeatureMap& features, uint32_t places, float length,
                Scratch& s, std::span<float> out) const {
    s.block.assign(out.size(), 0);
    for (const FeatureMap::Feature& f : features.features()) {
      uint64_t bits = f.key;
      for (uint32_t p = 0; p < places; ++p) {
        bits = MixBits(bits + 0x9E3779B97F4A7C15u);
        const size_t place =
            static_cast<size_t>((bits >> 32) * out.size() >> 32);
        s.block[place] += (bits & 1) != 0 ? f.weight : -f.weight;
      }
    }
    const float norm = Norm(s.block);
    if (norm == 0) return;
    for (size_t i = 0; i < out.size(); ++i)
      out[i] += s.block[i] * (length / norm);
  }

  static float Norm(std::span<const float> v) {
    float sum = 0;
    for (const float x : v) sum += x * x;
    return std::sqrt(sum);
  }

  absl::Status EncodeOne(const EncoderInput& input, Side side, Scratch& s,
                         std::span<float> out) const {
    s.words.Clear();
    s.majors.Clear();
    s.functions.Clear();
    std::string forms[3];
    const struct {
      std::string_view text;
      std::string_view name;
      float weight;
    } fields[] = {{input.title, "title", options_.title},
                  {input.description, "description", options_.description},
                  {input.requirements, "requirements", options_.requirements},
                  {input.skills, "skills", options_.skills},
                  {input.majors, "majors", 0},
                  {input.functions, "functions", options_.title}};
    for (size_t i = 0; i < std::size(fields); ++i) {
      absl::StatusOr<std::string> form = Form(fields[i].text, fields[i].name);
      if (!form.ok()) return form.status();
      AddWords(*form, fields[i].weight, s);
      if (i < 3) forms[i] = *std::move(form);
    }
    AddCodes(input, side, forms[1], forms[2], s);

    std::fill(out.begin(), out.end(), 0.0f);
    AddBlock(s.words, options_.places, 1, s, out);
    AddBlock(s.majors, kCodePlaces, options_.major_codes, s, out);
    AddBlock(s.functions, kCodePlaces, options_.function_codes, s, out);
    if (const float norm = Norm(out); norm > 0) {
      for (float& x : out) x /= norm;
    }
    return absl::OkStatus();
  }

  void AddCodes(const EncoderInput& input, Side side,
                std::string_view description, std::string_view requirements,
                Scratch& s) const {
    for (const EncoderCode& major : input.major_codes) {
      AddMajor(major.system, major.code, side, s);
    }
    Parsed<MajorRequirement> said = ParseMajors(CutUtf8(input.majors, 4096));
    // What a posting asks for in its text; a profile's text does not say what
    // its graduate studied.
    if (side == Side::kPosting && !said.understood() &&
        input.major_codes.empty()) {
      said = FindMajorsInForm(requirements);
      if (!said.understood()) said = FindMajorsInForm(description);
    }
    if (said.understood()) {
      for (const MajorCode& m : said.value->codes)
        AddMajor(m.system, m.code, side, s);
    }
    for (std::string_view code : input.function_codes) {
      AddFunction(code, kStated, s);
    }
    AddFunctionsOf(input.functions, s);
    AddFunctionsOf(input.title, s);
  }

  const HashEncoderOptions options_;
  const Dictionary& dictionary_;
  EncoderInfo info_;
  std::vector<TermFeature> terms_;  // by term of the dictionary
};

absl::Status Refuse(std::string_view option, double value,
                    std::string_view allowed) {
  return absl::InvalidArgumentError(absl::StrCat(
      "hash encoder: ", A(option), " = ", value, "; it must be ", A(allowed)));
}

}  // namespace

bool IsEmptyEmbedding(std::span<const float> row) {
  return std::all_of(row.begin(), row.end(), [](float x) { return x == 0; });
}

absl::StatusOr<std::unique_ptr<Encoder>> NewHashEncoder(
    const HashEncoderOptions& o) {
  if (o.dimension < 32 || o.dimension > 4096 || o.dimension % 32 != 0) {
    return Refuse("dimension", o.dimension, "a multiple of 32 from 32 to 4096");
  }
  if (o.places < 1 || o.places > 16) {
    return Refuse("places", o.places, "from 1 to 16");
  }
  if (o.max_chars < 64) return Refuse("max_chars", o.max_chars, "at least 64");
  const std::pair<std::string_view, float> weights[] = {
      {"title", o.title},
      {"description", o.description},
      {"skills", o.skills},
      {"requirements", o.requirements},
      {"major_codes", o.major_codes},
      {"function_codes", o.function_codes}};
  for (const auto& [name, weight] : weights) {
    if (!(weight >= 0 && weight <= 100))
      return Refuse(name, weight, "from 0 to 100");
  }
  return std::unique_ptr<Encoder>(new HashEncoder(o));
}

}  // namespace gradmatch
