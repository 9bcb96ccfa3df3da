//! What callers of each dialect call the things that a translation may change or drop, for `Losses` and refusals.

use claw_hub::Dialect;

/// A field of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// The limit of tokens.
    MaxTokens,
    /// Sampling temperature.
    Temperature,
    /// Nucleus sampling.
    TopP,
    /// Sampling among the k likeliest.
    TopK,
    /// Stop texts.
    Stop,
    /// The random seed.
    Seed,
    /// The penalty by count.
    FrequencyPenalty,
    /// The penalty by presence.
    PresencePenalty,
    /// How many replies.
    N,
    /// The switch of reasoning.
    Thinking,
    /// The budget of reasoning.
    ThinkingBudget,
    /// How hard to reason.
    Effort,
    /// The form of the answer.
    Format,
    /// The end user.
    User,
    /// The processing tier.
    ServiceTier,
    /// Whether and which tool to call.
    ToolChoice,
    /// Whether several tools may be called at once.
    ParallelTools,
}

/// The field as the dialect writes it; OpenAI's name where the dialect has none.
pub(crate) const fn word(dialect: Dialect, word: Word) -> &'static str {
    match dialect {
        Dialect::AnthropicMessages => anthropic(word),
        Dialect::BedrockConverse => bedrock(word),
        Dialect::OllamaChat => ollama(word),
        Dialect::OpenaiChat | Dialect::OpenclawChat => openai(word),
    }
}

const fn openai(word: Word) -> &'static str {
    match word {
        Word::MaxTokens => "max_tokens",
        Word::Temperature => "temperature",
        Word::TopP => "top_p",
        Word::TopK => "top_k",
        Word::Stop => "stop",
        Word::Seed => "seed",
        Word::FrequencyPenalty => "frequency_penalty",
        Word::PresencePenalty => "presence_penalty",
        Word::N => "n",
        Word::Thinking | Word::Effort | Word::ThinkingBudget => "reasoning_effort",
        Word::Format => "response_format",
        Word::User => "user",
        Word::ServiceTier => "service_tier",
        Word::ToolChoice => "tool_choice",
        Word::ParallelTools => "parallel_tool_calls",
    }
}

const fn anthropic(word: Word) -> &'static str {
    match word {
        Word::Stop => "stop_sequences",
        Word::Thinking => "thinking",
        Word::ThinkingBudget => "thinking.budget_tokens",
        Word::Effort => "output_config.effort",
        Word::Format => "output_config.format",
        Word::User => "metadata.user_id",
        Word::ParallelTools => "tool_choice.disable_parallel_tool_use",
        other => openai(other),
    }
}

const fn bedrock(word: Word) -> &'static str {
    match word {
        Word::MaxTokens => "inferenceConfig.maxTokens",
        Word::Temperature => "inferenceConfig.temperature",
        Word::TopP => "inferenceConfig.topP",
        Word::TopK => "additionalModelRequestFields.top_k",
        Word::Stop => "inferenceConfig.stopSequences",
        Word::Thinking => "additionalModelRequestFields.thinking",
        Word::ThinkingBudget => "additionalModelRequestFields.thinking.budget_tokens",
        Word::Effort => "additionalModelRequestFields.output_config.effort",
        Word::Format => "outputConfig.textFormat",
        Word::ServiceTier => "serviceTier",
        Word::ToolChoice => "toolConfig.toolChoice",
        Word::ParallelTools => "additionalModelRequestFields.tool_choice",
        other => openai(other),
    }
}

const fn ollama(word: Word) -> &'static str {
    match word {
        Word::MaxTokens => "options.num_predict",
        Word::Temperature => "options.temperature",
        Word::TopP => "options.top_p",
        Word::TopK => "options.top_k",
        Word::Stop => "options.stop",
        Word::Seed => "options.seed",
        Word::FrequencyPenalty => "options.frequency_penalty",
        Word::PresencePenalty => "options.presence_penalty",
        Word::Thinking | Word::ThinkingBudget | Word::Effort => "think",
        Word::Format => "format",
        other => openai(other),
    }
}
