import { useId } from 'react';
import type { Json } from '../../extension/protocol/json.ts';
import { line, shown } from '../format.ts';
import { Icon } from '../icon.tsx';
import { TEXT_MENU } from '../steer/native-menu.ts';
import { type FormField, typedIn } from './schema-form.ts';

interface Props {
  fields: FormField[];
  typed: Readonly<Record<string, string>>;
  /** By name of the field; empty until an answer was tried. */
  problems: ReadonlyMap<string, string>;
  change(name: string, text: string): void;
}

/** The form for the values that go with an answer: a field a property, with what is wrong beside it. */
export function Fields({ fields, typed, problems, change }: Props) {
  return fields.map((field) => (
    <Field
      key={field.name}
      field={field}
      value={typedIn(field, typed)}
      problem={problems.get(field.name)}
      change={(text) => change(field.name, text)}
    />
  ));
}

interface FieldProps {
  field: FormField;
  value: string;
  problem: string | undefined;
  change(text: string): void;
}

function Field({ field, value, problem, change }: FieldProps) {
  const id = useId();
  const described = [field.description && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  const control = {
    id,
    'aria-describedby': described || undefined,
    'aria-invalid': problem !== undefined,
    'aria-required': field.required,
  };
  const name = (
    <label htmlFor={id} className="form-label">
      {line(field.title, 100)}
      {field.required && field.kind !== 'flag' && (
        <span className="form-required">
          <span aria-hidden="true"> *</span>
          <span className="unseen"> (required)</span>
        </span>
      )}
    </label>
  );
  return (
    <div className={`form-field${field.kind === 'flag' ? ' flag' : ''}`}>
      {field.kind !== 'flag' && name}
      <Control field={field} value={value} change={change} attributes={control} />
      {field.kind === 'flag' && name}
      {field.description && (
        <span id={`${id}-hint`} className="form-hint">
          {line(field.description, 300)}
        </span>
      )}
      {problem && (
        <span id={`${id}-problem`} className="form-problem">
          <Icon name="error" /> {line(problem, 300)}
        </span>
      )}
    </div>
  );
}

interface ControlProps extends Omit<FieldProps, 'problem'> {
  attributes: Record<string, string | boolean | undefined>;
}

function Control({ field, value, change, attributes }: ControlProps) {
  if (field.kind === 'flag') {
    const { 'aria-required': _, ...rest } = attributes;
    return (
      <input {...rest} type="checkbox" checked={value === 'true'} onChange={(e) => change(String(e.target.checked))} />
    );
  }
  if (field.kind === 'pick')
    return (
      <select {...attributes} className="input" value={value} onChange={(event) => change(event.target.value)}>
        <option value="">{field.required ? 'Choose…' : '(none)'}</option>
        {field.options.map((option, index) => (
          <option key={JSON.stringify(option)} value={index}>
            {optionWords(option)}
          </option>
        ))}
      </select>
    );
  const typing = {
    ...attributes,
    ...TEXT_MENU,
    value,
    onChange: (event: { target: { value: string } }) => change(event.target.value),
  };
  if (field.kind === 'json') return <textarea {...typing} className="input mono nowheel" rows={3} spellCheck={false} />;
  return <input {...typing} className="input" type="text" inputMode={field.kind === 'text' ? 'text' : 'decimal'} />;
}

function optionWords(option: Json): string {
  return line(typeof option === 'string' ? shown(option) : JSON.stringify(option), 80) || '(empty)';
}
