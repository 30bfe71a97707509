import { type Answer, toneWords } from '../answer.ts';
import { html, type Markup } from '../html.ts';

/** The first screen: six questions, each with its answer in sentences. */
export function answerCards(answers: readonly Answer[]): Markup {
  return html`<ul class="answers">${answers.map(
    ({ id, question, tone, sentences: [first, ...more] }) =>
      html`<li class="${tone}" data-answer="${id}"><h2>${question}<span class="tone ${tone}">${toneWords[tone].mark} ${toneWords[tone].word}</span></h2><p class="first">${first}</p>${more.map(
        (text) => html`<p>${text}</p>`,
      )}</li>`,
  )}</ul>`;
}
